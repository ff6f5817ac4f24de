import { Component, computed, inject, input } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { Router, RouterLink } from "@angular/router";

import { Account } from "../account";
import { CartService } from "../cart";
import { params } from "../listing";
import { books } from "../money";
import type { Back } from "../routes";
import { Shop } from "../shop";
import { Icon } from "./icon";

/** The shop's name, the search, what is yours, and the categories; on the way to pay only the name and one way back. */
@Component({
  selector: "app-header",
  imports: [Icon, RouterLink],
  template: `
    <header class="header">
      <div class="wrap">
        <div class="header-row">
          <a class="name" routerLink="/products">{{ shop.config()?.store_name }}</a>
          @if (back(); as way) {
            <a class="back" [routerLink]="way.to">{{ way.words }}</a>
          } @else {
            <form class="search" role="search" (submit)="search($event, words.value)">
              <label class="hidden" for="q">Search</label>
              <input #words id="q" type="search" placeholder="Title, author or year" maxlength="100" [value]="query().get('q') ?? ''">
              <button aria-label="Search"><app-icon name="search" /></button>
            </form>
            <nav class="personal" aria-label="Yours">
              @if (account.isLoggedIn()) {
                <a class="wide" routerLink="/orders"><span>Your orders</span></a>
                <a class="who" routerLink="/account"><span>{{ firstName() || "Account" }}</span></a>
              } @else {
                <a routerLink="/login"><span>Log in</span></a>
              }
              <a class="to-cart" routerLink="/cart">
                <span>Cart</span>
                @if (cart.count(); as count) {
                  <span class="badge" aria-hidden="true">{{ count > 99 ? "99+" : count }}</span>
                  <span class="hidden">&#32;{{ books(count) }}</span>
                }
              </a>
            </nav>
          }
        </div>
        <div class="oxford" aria-hidden="true"></div>
      </div>
      @if (!back()) {
        <nav class="categories" aria-label="Categories">
          <ul class="wrap">
            <li><a routerLink="/products" [attr.aria-current]="category() === '' ? 'page' : null">All books</a></li>
            @for (entry of shop.categories(); track entry.slug) {
              <li><a routerLink="/products" [queryParams]="{ category: entry.slug }" [attr.aria-current]="category() === entry.slug ? 'page' : null">{{ entry.name }}</a></li>
            }
          </ul>
        </nav>
      }
    </header>
  `,
})
export class Header {
  private readonly router = inject(Router);
  readonly account = inject(Account);
  readonly cart = inject(CartService);
  readonly shop = inject(Shop);
  readonly books = books;
  readonly firstName = computed(() => this.account.user()?.name.split(" ")[0]);

  readonly back = input.required<Back | undefined>();
  /** Where one is. */
  readonly path = input.required<string>();

  readonly query = toSignal(this.router.routerState.root.queryParamMap, { requireSync: true });
  readonly category = computed(() => (this.path() === "/products" ? (this.query().get("category") ?? "") : null));

  search(event: Event, words: string): void {
    event.preventDefault();
    void this.router.navigate(["/products"], { queryParams: params({ q: words.trim() }) });
  }
}
