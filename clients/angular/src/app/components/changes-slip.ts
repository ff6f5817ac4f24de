import { Component, inject, input } from "@angular/core";

import { Shop } from "../shop";
import type { Change } from "../types";
import { Icon } from "./icon";

/** The slip: what is different since the cart's owner last looked. */
@Component({
  selector: "section[appSlip]",
  imports: [Icon],
  host: { class: "slip", "aria-labelledby": "changes" },
  template: `
    <h2 id="changes">{{ heading() || "Changed since you last looked" }}</h2>
    @if (changes().length) {
      <ul>
        @for (change of changes(); track $index) {
          <li>
            <app-icon [name]="change.kind === 'price' || change.kind === 'quantity' ? 'info' : 'cross'" />
            <span><strong>{{ change.title }}</strong>: {{ words(change) }}</span>
          </li>
        }
      </ul>
    }
    <ng-content />
  `,
})
export class ChangesSlip {
  private readonly shop = inject(Shop);
  readonly changes = input.required<Change[]>({ alias: "appSlip" });
  readonly heading = input("");

  words({ kind, before, after }: Change): string {
    switch (kind) {
      case "price":
        return `now ${this.shop.price(after)}, was ${this.shop.price(before)}.`;
      case "quantity":
        return `${after} in your cart, was ${before}. There ${after === 1 ? "is" : "are"} only ${after} left.`;
      case "sold_out":
        return "sold out, so we took it out of your cart.";
      default:
        return "not sold any more, so we took it out of your cart.";
    }
  }
}
