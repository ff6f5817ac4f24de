import { DestroyRef, Directive, effect, ElementRef, inject, input, signal } from "@angular/core";
import type { Stripe, StripeElements, StripeError, StripePaymentElement } from "@stripe/stripe-js";

import { appearance, dark } from "./appearance";
import { loadStripe } from "./stripe";

export interface Payable {
  stripeJs: string;
  publishableKey: string;
  clientSecret: string;
  returnUrl: string;
}

/** After this long one is told that the form did not load; it may still come. */
const SLOW_MILLISECONDS = 15_000;

/** Stripe's Payment Element in a box of ours: the whole of what this storefront does with Stripe.js.

        <div #element="appPaymentElement" [appPaymentElement]="payable()"></div>

    `element.pay()` ends only when it did not work, with Stripe's error: when it works, the browser leaves for
    `returnUrl`, where the API says what became of the money. Nothing here decides that something is paid. */
@Directive({ selector: "[appPaymentElement]", exportAs: "appPaymentElement" })
export class PaymentElement {
  readonly payable = input.required<Payable | null>({ alias: "appPaymentElement" });
  readonly state = signal<"loading" | "ready" | "failed">("loading");

  private readonly box = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private stripe?: Stripe;
  private elements?: StripeElements;
  private element?: StripePaymentElement;
  private slow?: ReturnType<typeof setTimeout>;

  constructor() {
    const repaint = () => { void this.elements?.update({ appearance: appearance() }); };
    dark.addEventListener("change", repaint);
    inject(DestroyRef).onDestroy(() => {
      dark.removeEventListener("change", repaint);
      this.unmount();
    });
    effect(() => {
      const payable = this.payable();
      if (payable) void this.mount(payable);
    });
  }

  private async mount({ stripeJs, publishableKey, clientSecret }: Payable): Promise<void> {
    this.unmount();
    this.state.set("loading");
    this.slow = setTimeout(() => { if (this.state() === "loading") this.state.set("failed"); }, SLOW_MILLISECONDS);
    try {
      this.stripe = await loadStripe(stripeJs, publishableKey);
      this.elements = this.stripe.elements({ clientSecret, appearance: appearance(), loader: "auto" });
      this.element = this.elements.create("payment", { layout: "tabs" });
      this.element.on("ready", () => { this.state.set("ready"); });
      this.element.on("loaderror", () => { this.state.set("failed"); });
      this.element.mount(this.box);
    } catch (error) {
      console.error(error);
      this.state.set("failed");
    }
  }

  private unmount(): void {
    clearTimeout(this.slow);
    this.element?.destroy();
    this.element = this.elements = undefined;
  }

  /** Confirm the payment. Returns the error when it did not work; when it works the page is left. */
  async pay(): Promise<StripeError | undefined> {
    const payable = this.payable();
    if (!this.stripe || !this.elements || !payable) return undefined;
    const { error } = await this.stripe.confirmPayment({
      elements: this.elements,
      confirmParams: { return_url: payable.returnUrl },
    });
    return error;
  }
}
