import { afterNextRender, Component, DestroyRef, type ElementRef, inject, Injector, signal, viewChild } from "@angular/core";
import { RouterLink } from "@angular/router";

import { answer } from "../answer";
import { CartService } from "../cart";
import { Live, useTitle } from "../live";
import { books } from "../money";
import { ChangesSlip } from "../components/changes-slip";
import { Cover } from "../components/cover";
import { Empty } from "../components/empty";
import { Problem } from "../components/problem";
import { Stepper } from "../components/stepper";
import { Stock } from "../components/stock";
import { Trouble } from "../components/trouble";
import { type Refusal, refusalOf } from "../refusal";
import { Shop } from "../shop";
import type { CartLine } from "../types";

/** The cart. */
@Component({
  selector: "app-cart-page",
  imports: [ChangesSlip, Cover, Empty, Problem, RouterLink, Stepper, Stock, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else if (carts.count()) {
      <h1 #heading class="title" tabindex="-1">Your cart</h1>
      <div class="money">
        <div>
          @if (carts.changes().length) { <section [appSlip]="carts.changes()"></section> }
          <ul class="lines">
            @for (line of carts.cart()?.lines; track line.id) {
              <li class="line">
                <app-cover [cover]="line.book.cover" />
                <div class="words">
                  <h2><a [routerLink]="['/products', line.book.slug]">{{ line.book.title }}</a></h2>
                  <p class="detail">{{ line.variant.name }}, {{ shop.price(line.unit_price) }} each</p>
                  @if (line.variant.availability === "few_left") { <span [appStock]="line.variant"></span> }
                  <div class="change">
                    <span
                      [appStepper]="'line-' + line.id"
                      [quantity]="line.quantity"
                      [title]="line.book.title"
                      [most]="line.most"
                      [problem]="refused()?.line === line.id ? 'line-' + line.id + '-problem' : ''"
                      (quantityChange)="change(line, $event)"
                    ></span>
                    <button class="button quiet" type="button" [attr.aria-label]="'Remove ' + line.book.title" (click)="change(line, 0)">Remove</button>
                  </div>
                  <div role="alert">
                    @if (refused(); as no) { @if (no.line === line.id) { <p [appProblem]="no.error.message" [id]="'line-' + line.id + '-problem'"></p> } }
                  </div>
                </div>
                <p class="amount">{{ shop.price(line.total) }}</p>
              </li>
            }
          </ul>
          <p><a routerLink="/products">Keep browsing</a></p>
        </div>
        <aside class="summary" aria-labelledby="summary">
          <div class="oxford" aria-hidden="true"></div>
          <h2 id="summary">Summary</h2>
          <dl class="leaders"><div class="total"><dt>Subtotal</dt><dd>{{ shop.price(carts.cart()?.subtotal ?? 0) }}</dd></div></dl>
          <a class="button full" routerLink="/checkout">Go to checkout</a>
          <p class="aside">
            @if (carts.cart()?.needs_delivery) { Delivery is added at checkout. }
            Prices and stock are checked again before you pay.
          </p>
        </aside>
      </div>
    } @else if (!isAsking()) {
      @if (carts.changes().length) { <section [appSlip]="carts.changes()"></section> }
      <div appEmpty heading="Your cart is empty" text="What you add waits here for 30 days."></div>
    }
  `,
})
export class CartPage {
  private readonly injector = inject(Injector);
  private readonly live = inject(Live);
  readonly carts = inject(CartService);
  readonly shop = inject(Shop);

  private readonly answered = answer(() => "", () => this.carts.look().then(() => true));
  readonly error = this.answered.error;
  readonly isAsking = this.answered.isAsking;
  readonly again = this.answered.again;
  readonly refused = signal<{ line: number; error: Refusal } | null>(null);
  private readonly heading = viewChild<ElementRef<HTMLElement>>("heading");

  constructor() {
    useTitle(() => "Your cart");
    inject(DestroyRef).onDestroy(() => { this.carts.changes.set([]); });
  }

  async change(line: CartLine, quantity: number): Promise<void> {
    this.refused.set(null);
    try {
      const { count } = await this.carts.change(line.id, quantity);
      this.live.announce(`${quantity ? `${quantity} of ${line.book.title}` : `${line.book.title} is out`}. ${books(count)} in your cart.`);
      if (quantity === 0) this.focusTop();
    } catch (trouble) {
      this.refused.set({ line: line.id, error: refusalOf(trouble) });
    }
  }

  /** The button that was pressed is gone: go on from the top, once the page is without it. */
  private focusTop(): void {
    const focus = () => { (this.heading()?.nativeElement ?? document.getElementById("main"))?.focus(); };
    afterNextRender({ read: focus }, { injector: this.injector });
  }
}
