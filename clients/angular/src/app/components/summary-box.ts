import { Component, input } from "@angular/core";

import { money } from "../money";
import type { Cover as Picture } from "../types";
import { Cover } from "./cover";

export interface Totals {
  subtotal: number;
  delivery: number;
  discount: number;
  tax: number;
  tax_included: boolean;
  total: number;
}

export interface SummaryLine {
  id: string | number;
  cover?: Picture | null;
  title: string;
  detail: string;
  total: number;
}

/** Lines and totals beside a form or an order. A row of zero is left out; delivery says "Free". */
@Component({
  selector: "app-summary-box",
  imports: [Cover],
  template: `
    <div class="oxford" aria-hidden="true"></div>
    <h2>{{ heading() }}</h2>
    <ul>
      @for (line of lines(); track line.id) {
        <li class="mini">
          <app-cover [cover]="line.cover" />
          <p class="words"><strong>{{ line.title }}</strong> {{ line.detail }}</p>
          <p class="price">{{ write(line.total) }}</p>
        </li>
      }
    </ul>
    <dl class="leaders">
      <div><dt>Subtotal</dt><dd>{{ write(totals().subtotal) }}</dd></div>
      @if (needsDelivery()) { <div><dt>Delivery</dt><dd>{{ totals().delivery ? write(totals().delivery) : "Free" }}</dd></div> }
      @if (totals().discount) { <div><dt>Voucher</dt><dd>{{ write(-totals().discount) }}</dd></div> }
      @if (totals().tax && !totals().tax_included) { <div><dt>Tax</dt><dd>{{ write(totals().tax) }}</dd></div> }
      <div class="total"><dt>Total</dt><dd>{{ write(totals().total) }}</dd></div>
      @if (totals().tax && totals().tax_included) { <div class="muted"><dt>including VAT</dt><dd>{{ write(totals().tax) }}</dd></div> }
    </dl>
  `,
})
export class SummaryBox {
  readonly heading = input.required<string>();
  readonly lines = input.required<SummaryLine[]>();
  readonly totals = input.required<Totals>();
  readonly currency = input.required<string>();
  readonly needsDelivery = input.required<boolean>();

  write(amount: number): string {
    return money(amount, this.currency());
  }
}
