/* A text that outlives the page, and is the same in every tab. */
import { type Ref, ref, watch } from "vue";

/** Return a text kept in this browser under a name; empty where there is none. Where nothing can be kept, it lasts as long as the page. */
export function kept(name: string): Ref<string> {
  const text = ref(storage()?.getItem(name) ?? "");
  watch(text, (now) => { storage()?.[now ? "setItem" : "removeItem"](name, now); }, { flush: "sync" });
  addEventListener("storage", ({ key, newValue }) => {
    if (key === name || key === null) text.value = newValue ?? "";
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
