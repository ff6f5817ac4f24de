/* What is the same for everybody and on every page: the shop's name, its currency, its categories. Asked once. */
import { shallowRef } from "vue";

import { api, asked } from "./api";
import { money } from "./money";
import type { Category, ShopConfig } from "./types";

export const shop = shallowRef<ShopConfig | null>(null);
export const categories = shallowRef<Category[]>([]);

/** Ask what the shop is called, in what it sells and where Stripe.js is. Throws a ShopError. */
export async function meetShop(): Promise<void> {
  shop.value = await asked(api.GET("/api/v1/config"));
}

/** Ask which categories there are. */
export async function listCategories(): Promise<void> {
  categories.value = (await asked(api.GET("/api/v1/categories"))).items;
}

/** Write an amount of the shop's currency. */
export function price(amount: number): string {
  return money(amount, shop.value?.currency ?? "eur");
}
