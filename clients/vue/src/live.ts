/* What screen readers are told, and where the focus goes, when a page changes without a new document. */
import { type MaybeRefOrGetter, ref, toValue, watchEffect } from "vue";

import { shop } from "./shop";

/** What the live region at the end of the page says. */
export const spoken = ref("");

/** Say something. Emptied first, so that the same words twice are said twice. */
export function announce(words: string): void {
  spoken.value = "";
  setTimeout(() => {
    spoken.value = words;
  }, 100);
}

/** Name the page, once its name is known. */
export function useTitle(title: MaybeRefOrGetter<string | null | undefined>): void {
  watchEffect(() => {
    const words = toValue(title);
    if (words) document.title = `${words} · ${shop.value?.store_name ?? "Folio"}`;
  });
}
