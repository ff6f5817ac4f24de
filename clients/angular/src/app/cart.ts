import { computed, inject, Injectable, signal } from "@angular/core";

import { Api } from "./api";
import { Kept } from "./kept";
import type { Cart, Change } from "./types";

/** The cart: one for the whole page, looked at again by the API whenever it is asked about. */
@Injectable({ providedIn: "root" })
export class CartService {
  private readonly api = inject(Api);
  private readonly kept = inject(Kept);

  readonly cart = signal<Cart | null>(null);
  readonly count = computed(() => this.cart()?.count ?? 0);

  /* The API tells once what changed, whoever asks first. It is kept until a page that shows it is left. */
  readonly changes = signal<Change[]>([]);
  readonly notices = signal<string[]>([]);

  /** Keep what changed until it is shown. */
  tell(more: Change[]): void {
    this.changes.update((before) => [...before, ...more]);
  }

  private keep(answered: Cart): Cart {
    // A visitor's first book makes a cart; its token is all that leads back to it.
    if (answered.token) this.kept.cart.set(answered.token);
    this.tell(answered.changes);
    this.notices.update((before) => [...before, ...answered.notices]);
    this.cart.set(answered);
    return answered;
  }

  /** Ask how the cart stands. Nothing is asked where there cannot be one. Throws a Refusal. */
  async look(): Promise<void> {
    if (this.kept.session() || this.kept.cart()) this.keep(await this.api.get("/api/v1/cart"));
  }

  /** Put books into the cart. Throws a Refusal. */
  async add(variant: number, quantity: number): Promise<Cart> {
    return this.keep(await this.api.post("/api/v1/cart/lines", { body: { variant, quantity } }));
  }

  /** Set how many of a line there shall be; 0 takes it out. Throws a Refusal. */
  async change(id: number, quantity: number): Promise<Cart> {
    this.show(id, quantity);
    try {
      return await this.inTurn(async () => this.keep(await this.api.patch("/api/v1/cart/lines/{id}", { path: { id }, body: { quantity } })));
    } catch (refused) {
      await this.look();
      throw refused;
    }
  }

  /** Show a quantity before it is answered, so that one can go on pressing +. */
  private show(id: number, quantity: number): void {
    if (!quantity) return;
    this.cart.update((cart) => cart && { ...cart, lines: cart.lines.map((line) => (line.id === id ? { ...line, quantity } : line)) });
  }

  private last: Promise<unknown> = Promise.resolve();

  /** Do one thing after the other: the last press counts. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work, work);
    this.last = mine;
    return mine;
  }

  /** Forget the cart here: it was somebody's who has logged out. */
  forget(): void {
    this.cart.set(null);
    this.kept.cart.set("");
    this.changes.set([]);
    this.notices.set([]);
  }
}
