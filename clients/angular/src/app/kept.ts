import { Injectable, signal, type WritableSignal } from "@angular/core";

/** What outlives the page, and is the same in every tab: who is logged in, and the cart of who is not. */
@Injectable({ providedIn: "root" })
export class Kept {
  readonly session = kept("folio.session");
  readonly cart = kept("folio.cart");
}

/** Return a text kept in this browser under a name; empty where there is none. Where nothing can be kept, it lasts as long as the page. */
function kept(name: string): WritableSignal<string> {
  const text = signal(storage()?.getItem(name) ?? "");
  const set = text.set.bind(text);
  text.set = (value) => {
    if (value) storage()?.setItem(name, value);
    else storage()?.removeItem(name);
    set(value);
  };
  addEventListener("storage", ({ key, newValue }) => {
    if (key === name || key === null) set(newValue ?? "");
  });
  return text;
}

/** Return the browser's storage, which it denies to who has blocked it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
