/* Stripe draws the card form in a frame of its own, which our CSS does not reach: it is given the tokens' values. */
import type { Appearance } from "@stripe/stripe-js";

export const dark = matchMedia("(prefers-color-scheme: dark)");

/** Return the look of the Payment Element for the colour scheme that is on now. */
export function appearance(): Appearance {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const focus = { outline: `3px solid ${token("ink")}`, outlineOffset: "2px", boxShadow: "none" };
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
      ".Input:focus": focus,
      ".Input--invalid": { border: `2px solid ${token("bad")}`, boxShadow: "none" },
      ".Tab": { border: `1px solid ${token("edge")}`, boxShadow: "none" },
      ".Tab:focus": focus,
      ".Tab--selected": { border: `2px solid ${token("accent")}`, boxShadow: "none" },
      ".Error": { fontWeight: "600" },
    },
  };
}
