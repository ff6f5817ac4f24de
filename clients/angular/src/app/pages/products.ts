import { Component, computed, effect, inject } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { ActivatedRoute, Router, RouterLink } from "@angular/router";

import { answer } from "../answer";
import { Api } from "../api";
import { change, filters, read, sorts, type Wanted } from "../listing";
import { Live, useTitle } from "../live";
import { books } from "../money";
import { BookCard } from "../components/book-card";
import { Empty } from "../components/empty";
import { Filters } from "../components/filters";
import { Icon } from "../components/icon";
import { Trouble } from "../components/trouble";
import { Shop } from "../shop";
import type { Facets } from "../types";

/** The API stops counting after this many. */
const MOST_COUNTED = 1000;

/** A page of books, narrowed by the form beside it. Every choice is in the address. */
@Component({
  selector: "app-products-page",
  imports: [BookCard, Empty, Filters, Icon, RouterLink, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else {
      <h1 class="title">{{ title() }}</h1>
      <div class="browse" [attr.aria-busy]="isAsking()">
        @if (facets(); as facets) { <details [appFilters]="wanted()" [facets]="facets" [chosen]="chips().length" (want)="want($event)"></details> }
        @else { <div></div> }
        @if (listing(); as found) {
          <div>
            <div class="chips">
              <p class="count">{{ count() }}</p>
              @for (chip of chips(); track chip.words) {
                <a class="chip" routerLink="/products" [queryParams]="chip.without"><span class="hidden">Remove </span>{{ chip.words }} <app-icon name="cross" /></a>
              }
              @if (chips().length > 1) { <a class="clear" routerLink="/products">{{ chips().length === 2 ? "Clear both" : "Clear all" }}</a> }
              @if (found.items.length) {
                <p class="sort">
                  <label for="sort">Sort</label>
                  <select #sort id="sort" class="input" (change)="want({ sort: asSort(sort.value) })">
                    @for (option of sorts(wanted()); track option[0]; let first = $first) {
                      <option [value]="option[0]" [selected]="wanted().sort ? wanted().sort === option[0] : first">{{ option[1] }}</option>
                    }
                  </select>
                </p>
              }
            </div>
            @if (found.items.length) {
              <h2 class="hidden">Books</h2>
              <ul class="grid">
                @for (book of found.items; track book.slug; let place = $index) { <li [appBookCard]="book" [eager]="place < 4"></li> }
              </ul>
              @if (wanted().cursor || found.next) {
                <nav class="pager" aria-label="Pages">
                  @if (wanted().cursor) { <a class="button second" routerLink="/products" [queryParams]="change(wanted(), {})">First page</a> }
                  @else { <span class="button" role="link" aria-disabled="true">First page</span> }
                  @if (found.next) { <a class="button second" rel="next" routerLink="/products" [queryParams]="change(wanted(), { cursor: found.next })">Next</a> }
                  @else { <span class="button" role="link" aria-disabled="true">Next</span> }
                </nav>
              }
            } @else {
              <div appEmpty>
                <h2>{{ wanted().q ? "No book matches “" + wanted().q + "”." : "No book is like that now." }}</h2>
                @if (facets()?.meant; as meant) { <p>Did you mean <a routerLink="/products" [queryParams]="{ q: meant }">{{ meant }}</a>?</p> }
                @else { <p>{{ wanted().q ? "Try fewer letters, or an author." : "Take out one of your choices." }}</p> }
              </div>
            }
          </div>
        }
      </div>
    }
  `,
})
export class ProductsPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly shop = inject(Shop);
  readonly change = change;
  readonly sorts = sorts;

  private readonly address = toSignal(inject(ActivatedRoute).queryParamMap, { requireSync: true });
  readonly wanted = computed(() => read(this.address()));

  private readonly answered = answer(
    () => this.wanted(),
    (now) => this.api.get("/api/v1/products", { query: { ...filters(now), cursor: now.cursor } }),
  );
  readonly listing = this.answered.data;
  readonly error = this.answered.error;
  readonly isAsking = this.answered.isAsking;
  readonly again = this.answered.again;
  readonly facets = answer(() => this.wanted(), (now) => this.api.get("/api/v1/facets", { query: filters(now) })).data;

  private readonly category = computed(() => this.shop.categories().find(({ slug }) => slug === this.wanted().category)?.name);
  readonly title = computed(() => this.category() ?? (this.wanted().q ? "Search" : "All books"));

  readonly count = computed(() => {
    const count = this.facets()?.count;
    if (count === undefined) return "";
    return count > MOST_COUNTED ? `More than ${books(MOST_COUNTED)}` : books(count);
  });

  /** Every choice in words, each with the address of the listing without it. */
  readonly chips = computed(() => {
    const { author, category, format, in_stock, price, q } = this.wanted();
    const choices: [words: string, without: Partial<Wanted>][] = [
      [q && `“${q}”`, { q: "" }],
      [category && (this.category() ?? category), { category: "" }],
      [format && (chosen(this.facets()?.formats) ?? format), { format: "" }],
      [price && (chosen(this.facets()?.prices) ?? price), { price: "" }],
      [author, { author: "" }],
      [in_stock ? "In stock" : "", { in_stock: false }],
    ];
    return choices.filter(([words]) => words).map(([words, without]) => ({ words, without: change(this.wanted(), without) }));
  });

  constructor() {
    const live = inject(Live);
    let isFirst = true;
    useTitle(() => this.title());
    effect(() => {
      if (!this.facets()) return;
      if (!isFirst) live.announce(this.count());
      isFirst = false;
    });
  }

  want(other: Partial<Wanted>): void {
    void this.router.navigate(["/products"], { queryParams: change(this.wanted(), other) });
  }

  asSort(value: string): Wanted["sort"] {
    return value as Wanted["sort"];
  }
}

function chosen(options: Facets["prices"] = []): string | undefined {
  return options.find((option) => option.chosen)?.words;
}
