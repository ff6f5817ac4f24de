import { Component, computed, inject, input, output } from "@angular/core";

import { FORMATS, type Option, priceRanges, type Wanted } from "../listing";
import { Shop } from "../shop";

/** The form that narrows a listing. Folded on phones. */
@Component({
  selector: "details[appFilters]",
  host: { class: "filters fold" },
  template: `
    <summary class="button second full">{{ chosen() ? "Filters (" + chosen() + ")" : "Filters" }}</summary>
    <form (submit)="$event.preventDefault()">
      @for (group of groups(); track group.name) {
        <fieldset>
          <legend>{{ group.legend }}</legend>
          @for (option of group.options; track option[0]) {
            <label class="check">
              <input type="radio" [attr.name]="group.name" [value]="option[0]" [checked]="wanted()[group.name] === option[0]" (change)="choose(group.name, option[0])"> {{ option[1] }}
            </label>
          }
        </fieldset>
      }
      <fieldset>
        <legend>Show</legend>
        <label class="check">
          <input type="checkbox" [checked]="wanted().in_stock" (change)="want.emit({ in_stock: !wanted().in_stock })"> In stock only
        </label>
      </fieldset>
    </form>
  `,
})
export class Filters {
  private readonly shop = inject(Shop);
  readonly wanted = input.required<Wanted>({ alias: "appFilters" });
  /** How many choices are made. */
  readonly chosen = input.required<number>();
  readonly want = output<Partial<Wanted>>();

  readonly groups = computed((): { name: "category" | "format" | "price"; legend: string; options: Option[] }[] => [
    { name: "category", legend: "Category", options: [["", "All"], ...this.shop.categories().map(({ slug, name }): Option => [slug, name])] },
    { name: "format", legend: "Format", options: [["", "Any format"], ...Object.entries(FORMATS)] },
    { name: "price", legend: "Price", options: [["", "Any price"], ...priceRanges(this.shop.price)] },
  ]);

  choose(name: string, value: string): void {
    this.want.emit({ [name]: value });
  }
}
