import { Component, input, output } from "@angular/core";

import type { Wanted } from "../listing";
import type { Facets } from "../types";
import { FilterChoice } from "./filter-choice";

/** The form that narrows a listing. Folded on phones. */
@Component({
  selector: "details[appFilters]",
  imports: [FilterChoice],
  host: { class: "filters fold" },
  template: `
    <summary class="button second full">{{ chosen() ? "Filters (" + chosen() + ")" : "Filters" }}</summary>
    <form (submit)="$event.preventDefault()">
      @if (facets().categories.length) { <fieldset appFilterChoice="category" legend="Category" none="All" [options]="facets().categories" [chosen]="wanted().category" (choose)="choose('category', $event)"></fieldset> }
      @if (facets().formats.length) { <fieldset appFilterChoice="format" legend="Format" none="Any format" [options]="facets().formats" [chosen]="wanted().format" (choose)="choose('format', $event)"></fieldset> }
      @if (facets().prices.length) { <fieldset appFilterChoice="price" legend="Price" none="Any price" [options]="facets().prices" [chosen]="wanted().price" (choose)="choose('price', $event)"></fieldset> }
      <fieldset>
        <legend>Show</legend>
        <label class="check">
          <input type="checkbox" [checked]="wanted().in_stock" (change)="want.emit({ in_stock: !wanted().in_stock })"> In stock only
          <span class="number">{{ facets().in_stock }}</span>
        </label>
      </fieldset>
      @if (facets().authors.length) { <fieldset appFilterChoice="author" legend="Author" none="Any author" [options]="facets().authors" [chosen]="wanted().author" (choose)="choose('author', $event)"></fieldset> }
    </form>
  `,
})
export class Filters {
  readonly wanted = input.required<Wanted>({ alias: "appFilters" });
  readonly facets = input.required<Facets>();
  /** How many choices are made. */
  readonly chosen = input.required<number>();
  readonly want = output<Partial<Wanted>>();

  choose(name: keyof Wanted, value: string): void {
    this.want.emit({ [name]: value });
  }
}
