import { Component, computed, DestroyRef, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { StripeError } from "@stripe/stripe-js";

import { answer } from "../answer";
import { Api } from "../api";
import { useTitle } from "../live";
import { clock, money } from "../money";
import { BusyButton } from "../components/busy-button";
import { Icon } from "../components/icon";
import { Notice } from "../components/notice";
import { OrderSummary } from "../components/order-summary";
import { TestCards } from "../components/test-cards";
import { Trouble } from "../components/trouble";
import { type Payable, PaymentElement } from "../payment-element";
import { refusalOf } from "../refusal";
import { Shop } from "../shop";
import type { Payment } from "../types";

interface Said {
  kind: "bad" | "warn";
  text: string;
}

const NO_ANSWER: Said = {
  kind: "warn",
  text: "No answer from Stripe yet. Your order is kept. Try again in a moment; you cannot be charged twice.",
};

/** Tell whether the order is paid, on its way, or closed. Elements would refuse the client secret of such a payment. */
function isNothingToPay(trouble: unknown): boolean {
  return refusalOf(trouble).status === 409;
}

/** Step 2 of 2: Stripe's card form in a box of ours.

    Where Stripe and the API meet: the API gives the client secret, Stripe.js takes the money, and the API, which asks
    Stripe itself, says whether it was taken. */
@Component({
  selector: "app-pay-page",
  imports: [BusyButton, Icon, Notice, OrderSummary, PaymentElement, RouterLink, TestCards, Trouble],
  host: { class: "page" },
  template: `
    @if (error(); as trouble) {
      <app-trouble [error]="trouble" (again)="again()" />
    } @else if (order(); as order) {
      <div [attr.data-order]="order.number" [attr.data-order-status]="order.status" [attr.data-payment-status]="order.payment?.status">
        <header>
          <p class="step">Step 2 of 2</p>
          <h1 class="title">Pay {{ total() }}</h1>
        </header>
        <div class="money">
          <form id="pay" class="paying" novalidate (submit)="$event.preventDefault(); submit(element)">
            @if (shop.config()?.test_mode) {
              <p class="ribbon"><app-icon name="info" /><span><strong>Test mode.</strong> No money moves. 4242 4242 4242 4242 works.</span></p>
            }
            <div id="said" role="alert">
              @if (element.state() === "failed") {
                <app-notice kind="bad" [text]="notLoaded"><button class="button quiet" type="button" (click)="reload()">Try again</button></app-notice>
              } @else if (said(); as words) {
                <app-notice [kind]="words.kind" [text]="words.text" />
              }
            </div>
            <div class="payment" [attr.aria-busy]="element.state() === 'loading'">
              @if (element.state() === "loading") { <p class="loading">Loading the card form</p> }
              <div id="card" #element="appPaymentElement" [appPaymentElement]="payable()"></div>
            </div>
            <button appBusy="Paying…" class="full" [isBusy]="isPaying()" [isOff]="element.state() !== 'ready'">Pay {{ total() }}</button>
            <p class="small muted">Card details go straight to Stripe. This shop never sees them.</p>
            @if (shop.config()?.test_mode) { <app-test-cards /> }
          </form>
          <aside [appOrderSummary]="order">
            <p class="kept"><app-icon name="clock" /><span>Kept for you until <strong class="number">{{ clock(order.expires_at) }}</strong>.</span></p>
          </aside>
        </div>
        <p class="small"><a [routerLink]="['/orders', order.number]">See the order</a></p>
      </div>
    }
  `,
})
export class PayPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  readonly shop = inject(Shop);
  readonly clock = clock;
  /** From the address. */
  readonly number = input.required<string>();

  readonly payable = signal<Payable | null>(null);
  readonly said = signal<Said | null>(null);
  readonly isPaying = signal(false);
  readonly notLoaded =
    "The card form did not load. Your order is kept. Check the connection, or allow Stripe if something in your browser blocks it.";

  private readonly answered = answer(
    () => this.number(),
    async (number) => {
      const found = await this.api.get("/api/v1/orders/{number}", { path: { number } });
      try {
        this.begin(await this.getPayment());
      } catch (trouble) {
        if (!isNothingToPay(trouble)) throw trouble;
        await this.goToStatus();
      }
      return found;
    },
  );
  readonly order = this.answered.data;
  readonly error = this.answered.error;
  readonly again = this.answered.again;
  readonly total = computed(() => {
    const order = this.order();
    return order && money(order.total, order.currency);
  });

  constructor() {
    useTitle(() => this.total() && `Pay ${this.total() ?? ""}`);
    // Kept by the browser while it was at the bank and shown again, the page may be out of date, and its button busy.
    const shownAgain = ({ persisted }: PageTransitionEvent) => { if (persisted) this.reload(); };
    addEventListener("pageshow", shownAgain);
    inject(DestroyRef).onDestroy(() => { removeEventListener("pageshow", shownAgain); });
  }

  private begin({ declined, publishable_key, client_secret }: Payment): void {
    if (declined) this.said.set({ kind: "bad", text: declined });
    this.payable.set({
      stripeJs: this.shop.config()?.stripe_js_url ?? "",
      publishableKey: publishable_key,
      clientSecret: client_secret,
      returnUrl: new URL(`checkout/${this.number()}/status`, document.baseURI).href,
    });
  }

  /** Ask for the payment as it stands at Stripe now. The order has one at a time, so asking twice does no harm. */
  private getPayment() {
    return this.api.post("/api/v1/orders/{number}/payment", { path: { number: this.number() } });
  }

  private goToStatus(): Promise<boolean> {
    return this.router.navigate(["/checkout", this.number(), "status"], { replaceUrl: true });
  }

  async submit(element: PaymentElement): Promise<void> {
    if (element.state() !== "ready" || this.isPaying()) return;
    this.isPaying.set(true);
    this.said.set(null);
    try {
      const refused = await element.pay();
      if (refused) await this.explain(refused);
    } finally {
      this.isPaying.set(false);
    }
  }

  /** Say what went wrong, once the API knows how the payment stands. */
  private async explain({ type }: StripeError): Promise<void> {
    if (type === "validation_error") return; // said beside its field, inside the form
    if (type === "rate_limit_error") {
      this.said.set({ kind: "bad", text: "Too many tries. Wait a minute, then pay again." });
      return;
    }
    try {
      const { declined } = await this.getPayment();
      this.said.set(declined ? { kind: "bad", text: declined } : NO_ANSWER);
    } catch (trouble) {
      if (isNothingToPay(trouble)) await this.goToStatus(); // there it is said what became of it
      else this.said.set(NO_ANSWER);
    }
  }

  reload(): void {
    location.reload();
  }
}
