import { inject, Injectable, signal } from "@angular/core";

import { Api } from "./api";
import { money } from "./money";
import type { Category, ShopConfig } from "./types";

/** What is the same for everybody and on every page: the shop's name, its currency, its categories. Asked once. */
@Injectable({ providedIn: "root" })
export class Shop {
  private readonly api = inject(Api);

  readonly config = signal<ShopConfig | null>(null);
  readonly categories = signal<Category[]>([]);

  /** Ask what the shop is called, in what it sells and where Stripe.js is. Throws a Refusal. */
  async meet(): Promise<void> {
    this.config.set(await this.api.get("/api/v1/config"));
  }

  /** Ask which categories there are. */
  async listCategories(): Promise<void> {
    this.categories.set((await this.api.get("/api/v1/categories")).items);
  }

  /** Write an amount of the shop's currency. */
  readonly price = (amount: number): string => money(amount, this.config()?.currency ?? "eur");
}
