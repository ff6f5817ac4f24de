/* The state of an order in a word. Sentences about money come from the API, which has asked Stripe. */
import type { IconName } from "./components/Icon.vue";
import type { Order } from "./types";

export interface Tag {
  words: string;
  icon: IconName;
  tone: "good" | "warn" | "bad" | "";
}

const TAGS: Record<string, Tag> = {
  placed: { words: "Awaiting payment", icon: "clock", tone: "" },
  processing: { words: "Payment on its way", icon: "clock", tone: "warn" },
  paid: { words: "Paid", icon: "tick", tone: "good" },
  shipped: { words: "Sent", icon: "van", tone: "good" },
  delivered: { words: "Delivered", icon: "tick", tone: "good" },
  cancelled: { words: "Cancelled", icon: "cross", tone: "" },
  expired: { words: "Expired", icon: "cross", tone: "" },
};
const CHECKING: Tag = { words: "We are checking", icon: "alert", tone: "bad" };

/** Return what stands beside an order's number. */
export function tag({ status, needs_attention, paid_at }: Pick<Order, "status" | "needs_attention" | "paid_at">): Tag {
  if (needs_attention && !paid_at) return CHECKING;
  return TAGS[status] ?? CHECKING;
}

/** Return an address in one line. */
export function addressLine({ address }: Pick<Order, "address">): string {
  const { full_name, line1, line2, postal_code, city, region, country } = address;
  const name = new Intl.DisplayNames("en", { type: "region" }).of(country) ?? country;
  return [full_name, line1, line2, `${postal_code} ${city}`.trim(), region, name].filter(Boolean).join(", ");
}
