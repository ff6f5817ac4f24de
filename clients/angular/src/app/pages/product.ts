import { Component, computed, inject, input, linkedSignal, signal } from "@angular/core";
import { RouterLink } from "@angular/router";

import { answer } from "../answer";
import { Api } from "../api";
import { CartService } from "../cart";
import { Live, useTitle } from "../live";
import { books } from "../money";
import { Origin } from "../origin";
import { BookCard } from "../components/book-card";
import { BusyButton } from "../components/busy-button";
import { Notice } from "../components/notice";
import { Stepper } from "../components/stepper";
import { Stock } from "../components/stock";
import { Trouble } from "../components/trouble";
import { type Refusal, refusalOf } from "../refusal";
import { Shop } from "../shop";

/** A book, its editions, and its neighbours. */
@Component({
  selector: "app-product-page",
  imports: [BookCard, BusyButton, Notice, RouterLink, Stepper, Stock, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else if (book(); as book) {
      <nav class="crumbs" aria-label="Where this is">
        <a routerLink="/products">All books</a> /
        <a routerLink="/products" [queryParams]="{ category: book.category.slug }">{{ book.category.name }}</a>
      </nav>
      <div class="two product">
        <div class="picture">
          <span class="cover" [class.gone]="book.availability === 'sold_out'">
            @if (book.cover; as cover) { <img [src]="origin.picture(cover.url)" [width]="cover.width" [height]="cover.height" [alt]="cover.alt"> }
          </span>
        </div>
        <div>
          <h1>{{ book.title }}</h1>
          <p class="by"><a routerLink="/products" [queryParams]="{ author: book.author }">{{ book.author }}</a>@if (book.years) {, {{ book.years }}}</p>
          <div class="text">@for (paragraph of book.description.split("\\n\\n"); track $index) { <p>{{ paragraph }}</p> }</div>
          <form class="editions" (submit)="$event.preventDefault(); add()">
            <fieldset>
              <legend class="label">Edition</legend>
              @for (variant of book.variants; track variant.id) {
                <label class="choice">
                  <input type="radio" name="variant" [value]="variant.id" [checked]="chosen() === variant.id" [disabled]="variant.availability === 'sold_out'" (change)="chosen.set(variant.id)">
                  <span class="words">{{ variant.name }}@if (variant.detail) {<small>{{ variant.detail }}</small>}</span>
                  <span class="worth"><span class="price">{{ shop.price(variant.price) }}</span><span [appStock]="variant"></span></span>
                </label>
              }
            </fieldset>
            <div class="buy">
              @if (edition()) {
                <span appStepper="quantity" [title]="book.title" [most]="most()" [(quantity)]="quantity"></span>
                <button appBusy="Adding…" [isBusy]="isAdding()">Add to cart</button>
              } @else {
                <button class="button" type="button" aria-disabled="true">Sold out</button>
              }
            </div>
            <div id="added">
              @if (added()) {
                <app-notice [text]="added()"><a routerLink="/cart">See the cart</a></app-notice>
              } @else if (refused(); as refusal) {
                <div role="alert"><app-notice kind="bad" [text]="refusal.message" /></div>
              } @else if (!edition()) {
                <app-notice kind="warn" text="Every edition is sold out. We cannot say when there are more." />
              }
            </div>
            <p class="aside">Returned within 30 days, refunded in full.</p>
          </form>
          <dl class="leaders muted facts">
            @if (book.years) { <div><dt>First published</dt><dd>{{ book.years }}</dd></div> }
            @if (book.pages) { <div><dt>Pages</dt><dd>{{ book.pages }}</dd></div> }
            @if (book.language) { <div><dt>Language</dt><dd>{{ book.language }}</dd></div> }
            @for (variant of book.variants; track variant.id) { <div><dt>{{ variant.name }}, article number</dt><dd class="mono">{{ variant.sku }}</dd></div> }
          </dl>
        </div>
      </div>
      @if (book.related.length) {
        <section class="related">
          <h2>On the same shelf</h2>
          <ul class="grid">@for (other of book.related; track other.slug) { <li [appBookCard]="other"></li> }</ul>
        </section>
      }
    }
  `,
})
export class ProductPage {
  private readonly api = inject(Api);
  private readonly cart = inject(CartService);
  private readonly live = inject(Live);
  readonly origin = inject(Origin);
  readonly shop = inject(Shop);
  /** From the address. */
  readonly slug = input.required<string>();

  private readonly answered = answer(() => this.slug(), (slug) => this.api.get("/api/v1/products/{slug}", { path: { slug } }));
  readonly book = this.answered.data;
  readonly error = this.answered.error;
  readonly again = this.answered.again;

  readonly chosen = linkedSignal(() => this.book()?.variants.find(({ availability }) => availability !== "sold_out")?.id);
  readonly edition = computed(() => this.book()?.variants.find(({ id }) => id === this.chosen()));
  readonly most = computed(() => this.edition()?.left ?? this.shop.config()?.max_line_quantity ?? 99);
  readonly quantity = linkedSignal({ source: this.slug, computation: () => 1 });
  readonly isAdding = signal(false);
  readonly added = linkedSignal({ source: this.slug, computation: () => "" });
  readonly refused = linkedSignal<string, Refusal | null>({ source: this.slug, computation: () => null });

  constructor() {
    useTitle(() => this.book()?.title);
  }

  async add(): Promise<void> {
    const chosen = this.chosen();
    if (chosen === undefined || this.isAdding()) return;
    this.isAdding.set(true);
    this.added.set("");
    this.refused.set(null);
    try {
      const { count } = await this.cart.add(chosen, this.quantity());
      this.added.set(`In your cart. ${books(count)}.`);
      this.live.announce(`${this.book()?.title ?? ""} is in your cart. ${books(count)}.`);
    } catch (trouble) {
      this.refused.set(refusalOf(trouble));
    } finally {
      this.isAdding.set(false);
    }
  }
}
