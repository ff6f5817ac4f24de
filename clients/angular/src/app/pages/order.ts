import { Component, computed, inject, input, signal } from "@angular/core";
import { RouterLink } from "@angular/router";

import { answer } from "../answer";
import { Api } from "../api";
import { Live, useTitle } from "../live";
import { clock, day, money } from "../money";
import { BusyButton } from "../components/busy-button";
import { Notice } from "../components/notice";
import { OrderStory } from "../components/order-story";
import { StateTag } from "../components/state-tag";
import { Trouble } from "../components/trouble";
import { type Refusal, refusalOf } from "../refusal";

/** An order to find again and to print. */
@Component({
  selector: "app-order-page",
  imports: [BusyButton, Notice, OrderStory, RouterLink, StateTag, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else if (order(); as order) {
      <div [attr.data-order]="order.number" [attr.data-order-status]="order.status" [attr.data-payment-status]="order.payment?.status">
        <p class="crumbs"><a routerLink="/orders">Your orders</a></p>
        <header class="standing">
          <h1 class="title">Order {{ order.number }}</h1>
          <p class="row"><span [appTag]="order"></span> <span class="muted">Placed on {{ day(order.placed_at) }}</span></p>
          @if (canPay()) { <p>Your books are kept until {{ clock(order.expires_at) }}.</p> }
          @if (order.refunds.length) { <p>{{ order.refunds.join(" ") }}</p> }
          <p class="actions">
            @if (canPay()) { <a class="button" [routerLink]="['/checkout', order.number, 'pay']">Pay {{ money(order.total, order.currency) }}</a> }
            @else if (isInDoubt()) { <a class="button" [routerLink]="['/checkout', order.number, 'status']">Where is the money?</a> }
            <button class="button second" type="button" (click)="print()">Print this order</button>
            @if (canPay()) { <button appBusy="Cancelling…" class="danger" type="button" [isBusy]="isCancelling()" (click)="cancel()">Cancel this order</button> }
          </p>
          <div role="alert">@if (refused(); as refusal) { <app-notice kind="bad" [text]="refusal.message" /> }</div>
        </header>
        <app-order-story [order]="order" />
      </div>
    }
  `,
})
export class OrderPage {
  private readonly api = inject(Api);
  private readonly live = inject(Live);
  readonly clock = clock;
  readonly day = day;
  readonly money = money;
  /** From the address. */
  readonly number = input.required<string>();

  private readonly answered = answer(() => this.number(), (number) => this.api.get("/api/v1/orders/{number}", { path: { number } }));
  readonly order = this.answered.data;
  readonly error = this.answered.error;
  readonly again = this.answered.again;

  readonly canPay = computed(() => this.order()?.status === "placed" && !this.order()?.needs_attention);
  readonly isInDoubt = computed(() => this.order()?.status === "processing" || Boolean(this.order()?.needs_attention && !this.order()?.paid_at));
  readonly isCancelling = signal(false);
  readonly refused = signal<Refusal | null>(null);

  constructor() {
    useTitle(() => `Order ${this.number()}`);
  }

  async cancel(): Promise<void> {
    if (this.isCancelling()) return;
    this.isCancelling.set(true);
    this.refused.set(null);
    try {
      await this.api.post("/api/v1/orders/{number}/cancel", { path: { number: this.number() } });
      this.again();
      this.live.announce("The order was cancelled");
    } catch (trouble) {
      this.refused.set(refusalOf(trouble));
    } finally {
      this.isCancelling.set(false);
    }
  }

  print(): void {
    window.print();
  }
}
