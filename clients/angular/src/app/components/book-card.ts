import { Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";

import { Shop } from "../shop";
import type { Book } from "../types";
import { Cover } from "./cover";
import { Stock } from "./stock";

/** A book in a grid. */
@Component({
  selector: "li[appBookCard]",
  imports: [Cover, RouterLink, Stock],
  host: { class: "card" },
  template: `
    <app-cover [cover]="book().cover" [gone]="book().availability === 'sold_out'" [eager]="eager()" />
    <h3><a [routerLink]="['/products', book().slug]">{{ book().title }}</a></h3>
    <p class="author">{{ book().author }}</p>
    <p class="price">{{ price() }}</p>
    @if (book().availability !== "in_stock") { <span [appStock]="book()"></span> }
  `,
})
export class BookCard {
  private readonly shop = inject(Shop);
  readonly book = input.required<Book>({ alias: "appBookCard" });
  readonly eager = input(false);

  readonly price = computed(() => {
    const { price_from: lowest, variants } = this.book();
    const many = new Set(variants.map(({ price }) => price)).size > 1;
    return `${many ? "from " : ""}${this.shop.price(lowest)}`;
  });
}
