/* Money is an integer in the currency's minor unit, as at Stripe, until it is written. */

const LANGUAGE = document.documentElement.lang;

/** Write an amount of minor units, as in “€24.00” and “¥500”. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits).replace("-", "−");
}

/** Write a number of books. */
export function books(count: number): string {
  return count === 1 ? "1 book" : `${count.toLocaleString(LANGUAGE)} books`;
}

/** Write a day, as in “14 November 2026”. */
export function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}

/** Write a clock time; with the day when it is not today, unless only the time is wanted. */
export function clock(iso: string, style: "time" | "day and time" = "day and time"): string {
  const at = new Date(iso);
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (style === "time" || at.toDateString() === new Date().toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" })}, ${time}`;
}
