/* Stripe.js, from the address that the API names.

   `loadStripe` of @stripe/stripe-js always loads https://js.stripe.com. The shop may name another address (its local
   stand-in for Stripe), so the script is loaded here and the package gives only the types. */
import type { Stripe, StripeConstructor } from "@stripe/stripe-js";

declare global {
  interface Window {
    Stripe?: StripeConstructor;
  }
}

let loading: Promise<StripeConstructor> | undefined;

/** Load Stripe.js once and return a Stripe for the key. Rejects when the script cannot be loaded; then try again. */
export async function loadStripe(url: string, publishableKey: string): Promise<Stripe> {
  loading ??= load(url).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return (await loading)(publishableKey);
}

function load(url: string): Promise<StripeConstructor> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => {
      if (window.Stripe) resolve(window.Stripe);
      else reject(new Error("Stripe.js did not define Stripe"));
    });
    script.addEventListener("error", () => {
      script.remove();
      reject(new Error("Stripe.js could not be loaded"));
    });
    document.head.append(script);
  });
}
