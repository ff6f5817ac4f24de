import { Component, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";

import { answer } from "../answer";
import { Api } from "../api";
import { useTitle } from "../live";
import { books, day, money } from "../money";
import { Empty } from "../components/empty";
import { StateTag } from "../components/state-tag";
import { Trouble } from "../components/trouble";
import type { Order } from "../types";

/** A customer's orders, newest first. */
@Component({
  selector: "app-orders-page",
  imports: [Empty, RouterLink, StateTag, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else if (orders(); as found) {
      @if (found.items.length) {
        <h1 class="title">Your orders</h1>
        <!-- On phones the rows are no table to the browser any more, so every part says what it is. -->
        <table class="sheet" role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">Order</th>
              <th role="columnheader" scope="col">Placed</th>
              <th role="columnheader" scope="col">Books</th>
              <th role="columnheader" scope="col">Where it is</th>
              <th role="columnheader" scope="col" class="right">Total</th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            @for (order of found.items; track order.number) {
              <tr role="row">
                <td role="cell"><a class="mono" [routerLink]="['/orders', order.number]">{{ order.number }}</a></td>
                <td role="cell" class="date muted"><time [attr.datetime]="order.placed_at">{{ day(order.placed_at) }}</time></td>
                <td role="cell">{{ booksOf(order) }}</td>
                <td role="cell" class="where"><span [appTag]="order"></span></td>
                <td role="cell" class="sum right">{{ money(order.total, order.currency) }}</td>
              </tr>
            }
          </tbody>
        </table>
        @if (cursor() || found.next) {
          <nav class="pager" aria-label="Pages">
            @if (cursor()) { <a class="button second" routerLink="/orders">Newest</a> }
            @else { <span class="button" role="link" aria-disabled="true">Newest</span> }
            @if (found.next) { <a class="button second" rel="next" routerLink="/orders" [queryParams]="{ cursor: found.next }">Older</a> }
            @else { <span class="button" role="link" aria-disabled="true">Older</span> }
          </nav>
        }
      } @else {
        <div appEmpty heading="No orders yet" text="What you order stands here, with where it is."></div>
      }
    }
  `,
})
export class OrdersPage {
  private readonly api = inject(Api);
  readonly day = day;
  readonly money = money;
  /** From the address. */
  readonly cursor = input<string>();

  private readonly answered = answer(() => this.cursor() ?? "", (cursor) => this.api.get("/api/v1/orders", { query: { cursor } }));
  readonly orders = this.answered.data;
  readonly error = this.answered.error;
  readonly again = this.answered.again;

  constructor() {
    useTitle(() => "Your orders");
  }

  booksOf({ lines }: Order): string {
    return books(lines.reduce((sum, { quantity }) => sum + quantity, 0));
  }
}
