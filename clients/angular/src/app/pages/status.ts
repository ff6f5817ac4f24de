import { Component, DestroyRef, effect, inject, input } from "@angular/core";
import { Router, RouterLink } from "@angular/router";

import { answer } from "../answer";
import { Api } from "../api";
import { CartService } from "../cart";
import { Live, useTitle } from "../live";
import { money } from "../money";
import { OrderStory } from "../components/order-story";
import { StateTag } from "../components/state-tag";
import { Trouble } from "../components/trouble";
import type { Status } from "../types";
import { tag } from "../words";

/** Where the money is, in the API's words: it has asked Stripe just now. While the answer may change, it is asked again.

    Stripe leads back to this page with things in the address that prove nothing (anyone can type them), and with the
    client secret, which belongs in no address. So the first thing is to drop them; what counts is what the API says. */
@Component({
  selector: "app-status-page",
  imports: [OrderStory, RouterLink, StateTag, Trouble],
  host: { class: "page" },
  template: `
    @if (status(); as now) {
      <div [attr.data-order]="now.number" [attr.data-order-status]="now.status" [attr.data-payment-status]="now.payment?.status">
        <header class="standing">
          <p><span [appTag]="now"></span></p>
          <h1>{{ now.message.heading }}</h1>
          <p class="lead">{{ now.message.text }}</p>
          @if (now.look_again_after) { <p class="looking small muted">This page looks again by itself.</p> }
          <p class="actions">
            @if (now.can_pay) { <a class="button" [routerLink]="['/checkout', now.number, 'pay']">Pay {{ money(now.total, now.currency) }}</a> }
            @else { <a class="button" routerLink="/products">Keep browsing</a> }
            <a class="button second" [routerLink]="['/orders', now.number]">See the order</a>
          </p>
        </header>
        <app-order-story [order]="now" />
      </div>
    } @else if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    }
  `,
})
export class StatusPage {
  private readonly api = inject(Api);
  readonly money = money;
  /** From the address. */
  readonly number = input.required<string>();

  private readonly answered = answer(() => this.number(), (number) => this.api.get("/api/v1/orders/{number}/status", { path: { number } }));
  readonly status = this.answered.data;
  readonly error = this.answered.error;
  readonly again = this.answered.again;

  constructor() {
    const router = inject(Router);
    const [path, query] = router.url.split("?");
    if (query && path) void router.navigateByUrl(path, { replaceUrl: true });
    useTitle(() => {
      const now = this.status();
      return now && `${tag(now).words} · order ${now.number}`;
    });
    this.lookAgain(inject(CartService), inject(Live));
  }

  private lookAgain(carts: CartService, live: Live): void {
    let before: Status | undefined;
    let next: ReturnType<typeof setTimeout> | undefined;
    inject(DestroyRef).onDestroy(() => { clearTimeout(next); });
    effect(() => {
      const now = this.status();
      const wait = this.error() ? 10 : now?.look_again_after;
      clearTimeout(next);
      if (wait) next = setTimeout(this.again, wait * 1000);
      if (now && before && now.message.heading !== before.message.heading) live.announce(now.message.heading);
      // What was bought has left the cart.
      if (now && now.status !== before?.status) carts.look().catch(() => undefined);
      before = now;
    });
  }
}
