import { Component, computed, input } from "@angular/core";

import type { OrderDetail } from "../types";
import { addressLine } from "../words";
import { SummaryBox } from "./summary-box";

/** What an order holds, what it costs, and where it goes. */
@Component({
  selector: "aside[appOrderSummary]",
  imports: [SummaryBox],
  host: { class: "summary", "[attr.aria-label]": "'Order ' + order().number" },
  template: `
    <app-summary-box [heading]="'Order ' + order().number" [lines]="lines()" [totals]="order()" [currency]="order().currency" [needsDelivery]="order().delivery_name !== ''" />
    <ng-content />
    <p class="aside">{{ order().delivery_name ? "To" : "For" }} {{ to() }}.</p>
  `,
})
export class OrderSummary {
  readonly order = input.required<OrderDetail>({ alias: "appOrderSummary" });
  readonly to = computed(() => addressLine(this.order()));
  readonly lines = computed(() =>
    this.order().lines.map(({ sku, title, edition, quantity, total, cover }) => ({
      id: sku,
      cover,
      title,
      detail: `${edition} × ${quantity}`,
      total,
    })),
  );
}
