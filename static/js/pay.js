/* The payment page: Stripe's form in our box, one button, and what to say when it does not work.

   The page brings every word, as templates by name; the status page is where it is decided what is paid. */
(() => {
  "use strict";

  const form = document.getElementById("pay");
  const box = form.querySelector(".payment");
  const loading = box.querySelector(".loading");
  const button = form.querySelector(".button");
  const said = document.getElementById("said");
  const { key, secret, locale, returnUrl, statusUrl } = form.dataset;
  const idle = button.textContent;

  const SLOW_MILLISECONDS = 15_000;
  const UNPAID = new Set(["requires_payment_method", "requires_confirmation", "requires_action"]);

  let stripe;
  let elements;
  let isReady = false;
  let isPaying = false;

  const notice = (name) => [...form.querySelectorAll("template")].find(({ dataset }) => dataset.notice === name);

  const say = (name) => {
    said.dataset.notice = name;
    said.replaceChildren(notice(name).content.cloneNode(true));
    said.scrollIntoView({ block: "nearest" });
  };

  const unsay = () => said.replaceChildren();

  const sayNotLoaded = () => {
    loading.hidden = true;
    say("not-loaded");
  };

  /* Stripe draws inside a frame of its own, which our CSS does not reach: it gets the tokens' values. */
  const appearance = () => {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      theme: dark.matches ? "night" : "stripe",
      variables: {
        colorPrimary: token("accent"),
        colorBackground: token("raised"),
        colorText: token("ink"),
        colorTextSecondary: token("muted"),
        colorTextPlaceholder: token("muted"),
        colorDanger: token("bad"),
        iconColor: token("muted"),
        fontFamily: token("sans"),
        fontSizeBase: "16px",
        borderRadius: "3px",
        spacingUnit: "4px",
      },
      rules: {
        ".Label": { color: token("ink"), fontSize: "15px", fontWeight: "600" },
        ".Input": { border: `1px solid ${token("edge")}`, boxShadow: "none" },
        ".Input:focus": { outline: `3px solid ${token("ink")}`, outlineOffset: "2px", boxShadow: "none" },
        ".Input--invalid": { border: `2px solid ${token("bad")}`, boxShadow: "none" },
        ".Tab": { border: `1px solid ${token("edge")}`, boxShadow: "none" },
        ".Tab:focus": { outline: `3px solid ${token("ink")}`, outlineOffset: "2px", boxShadow: "none" },
        ".Tab--selected": { border: `2px solid ${token("accent")}`, boxShadow: "none" },
        ".Error": { fontWeight: "600" },
      },
    };
  };

  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => elements?.update({ appearance: appearance() }));

  const ready = () => {
    isReady = true;
    box.removeAttribute("aria-busy");
    loading.hidden = true;
    button.removeAttribute("aria-disabled");
    if (said.dataset.notice === "not-loaded") unsay();
  };

  const start = () => {
    try {
      stripe = Stripe(key);
      elements = stripe.elements({ clientSecret: secret, locale, appearance: appearance(), loader: "auto" });
      const element = elements.create("payment", { layout: "tabs" });
      element.on("ready", ready);
      element.on("loaderror", sayNotLoaded);
      element.mount("#card");
    } catch (error) {
      console.error(error);
      sayNotLoaded();
    }
  };

  const setPaying = (value) => {
    isPaying = value;
    button.setAttribute("aria-busy", String(value));
    button.textContent = value ? button.dataset.busy : idle;
  };

  const explain = (error) => {
    const status = error.payment_intent?.status;
    if (status && !UNPAID.has(status)) {
      // It is paid, on its way or closed: another tab, or a press that came too late. There it is said which.
      location.assign(statusUrl);
      return;
    }
    setPaying(false);
    if (error.type === "validation_error") return; // said beside its field, inside the form
    const known = [error.decline_code, error.code].find((code) => code && notice(code));
    if (known || error.type === "card_error") {
      say(known ?? "");
      // The order's timeline shall tell it too. Asking how it stands is enough, and nobody waits for the answer.
      fetch(statusUrl).catch(() => {});
    } else {
      say(error.type === "rate_limit_error" || error.code === "rate_limit" ? "too-many" : "no-answer");
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!isReady || isPaying) return;
    setPaying(true);
    unsay();
    try {
      // When it works, the browser leaves for `return_url` and this never ends.
      const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: returnUrl } });
      explain(error);
    } catch (error) {
      console.error(error);
      explain({ type: "api_error" });
    }
  });

  /* This script comes first, so none of these can have happened yet. */
  const script = document.getElementById("stripe-js");
  script.addEventListener("load", start);
  script.addEventListener("error", sayNotLoaded);
  setTimeout(() => isReady || sayNotLoaded(), SLOW_MILLISECONDS);

  /* Kept by the browser and shown again, the page may be out of date, and its button busy. */
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
