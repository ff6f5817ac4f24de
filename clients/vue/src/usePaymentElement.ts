/* Stripe's Payment Element as a composable: the whole of what this storefront does with Stripe.js.

       const { state, pay } = usePaymentElement(box, { stripeJs, publishableKey, clientSecret, returnUrl });

   `pay()` ends only when it did not work, with Stripe's error: when it works, the browser leaves for `returnUrl`,
   where the API says what became of the money. Nothing here decides that something is paid. */
import type { StripeElements, StripeError, Stripe, StripePaymentElement } from "@stripe/stripe-js";
import { onScopeDispose, type Ref, shallowRef, watch } from "vue";

import { appearance, dark } from "./appearance";
import { loadStripe } from "./stripe";

export interface Payable {
  stripeJs: string;
  publishableKey: string;
  clientSecret: string;
  returnUrl: string;
}

export type ElementState = "loading" | "ready" | "failed";

/** After this long one is told that the form did not load; it may still come. */
const SLOW_MILLISECONDS = 15_000;

/** Draw the Payment Element into `box` as soon as both it and what is to be paid are there. */
export function usePaymentElement(box: Readonly<Ref<HTMLElement | null>>, payable: Readonly<Ref<Payable | null>>) {
  const state = shallowRef<ElementState>("loading");
  let stripe: Stripe | undefined;
  let elements: StripeElements | undefined;
  let element: StripePaymentElement | undefined;
  let slow: ReturnType<typeof setTimeout> | undefined;

  async function mount(into: HTMLElement, { stripeJs, publishableKey, clientSecret }: Payable): Promise<void> {
    unmount();
    state.value = "loading";
    slow = setTimeout(() => {
      if (state.value === "loading") state.value = "failed";
    }, SLOW_MILLISECONDS);
    try {
      stripe = await loadStripe(stripeJs, publishableKey);
      elements = stripe.elements({ clientSecret, appearance: appearance(), loader: "auto" });
      element = elements.create("payment", { layout: "tabs" });
      element.on("ready", () => (state.value = "ready"));
      element.on("loaderror", () => (state.value = "failed"));
      element.mount(into);
    } catch (error) {
      console.error(error);
      state.value = "failed";
    }
  }

  function unmount(): void {
    clearTimeout(slow);
    element?.destroy();
    element = elements = undefined;
  }

  const repaint = () => void elements?.update({ appearance: appearance() });
  dark.addEventListener("change", repaint);
  watch([box, payable], ([into, what]) => into && what && void mount(into, what), { immediate: true });
  onScopeDispose(() => {
    dark.removeEventListener("change", repaint);
    unmount();
  });

  /** Confirm the payment. Returns the error when it did not work; when it works the page is left. */
  async function pay(): Promise<StripeError | undefined> {
    if (!stripe || !elements || !payable.value) return undefined;
    const { error } = await stripe.confirmPayment({
      elements,
      confirmParams: { return_url: payable.value.returnUrl },
    });
    return error;
  }

  return { state, pay };
}
