/* The cart: one for the whole page, looked at again by the API whenever it is asked about. */
import { computed, shallowRef } from "vue";

import { api, asked, cartToken, sessionToken } from "./api";
import type { Cart, Change } from "./types";

export const cart = shallowRef<Cart | null>(null);
export const booksInCart = computed(() => cart.value?.count ?? 0);

/* The API tells once what changed, whoever asks first. It is kept until a page that shows it is left. */
export const changes = shallowRef<Change[]>([]);
export const notices = shallowRef<string[]>([]);

/** Keep what changed until it is shown. */
export function tell(more: Change[]): void {
  changes.value = [...changes.value, ...more];
}

function keep(answered: Cart): Cart {
  // A visitor's first book makes a cart; its token is all that leads back to it.
  if (answered.token) cartToken.value = answered.token;
  tell(answered.changes);
  notices.value = [...notices.value, ...answered.notices];
  cart.value = answered;
  return answered;
}

/** Ask how the cart stands. Nothing is asked where there cannot be one. Throws a ShopError. */
export async function lookAtCart(): Promise<void> {
  if (sessionToken.value || cartToken.value) keep(await asked(api.GET("/api/v1/cart")));
}

/** Put books into the cart. Throws a ShopError. */
export async function addToCart(variant: number, quantity: number): Promise<Cart> {
  return keep(await asked(api.POST("/api/v1/cart/lines", { body: { variant, quantity } })));
}

/** Set how many of a line there shall be; 0 takes it out. Throws a ShopError. */
export async function changeLine(id: number, quantity: number): Promise<Cart> {
  showQuantity(id, quantity);
  try {
    return await inTurn(async () => {
      return keep(await asked(api.PATCH("/api/v1/cart/lines/{id}", { params: { path: { id } }, body: { quantity } })));
    });
  } catch (refused) {
    await lookAtCart();
    throw refused;
  }
}

/** Show a quantity before it is answered, so that one can go on pressing +. */
function showQuantity(id: number, quantity: number): void {
  if (!cart.value || !quantity) return;
  cart.value = { ...cart.value, lines: cart.value.lines.map((line) => (line.id === id ? { ...line, quantity } : line)) };
}

let last: Promise<unknown> = Promise.resolve();

/** Do one thing after the other: the last press counts. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine;
  return mine;
}

/** Forget the cart here: it was somebody's who has logged out. */
export function forgetCart(): void {
  cart.value = null;
  cartToken.value = "";
  changes.value = [];
  notices.value = [];
}
