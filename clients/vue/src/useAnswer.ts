import { type Ref, shallowRef, watch } from "vue";

import { ShopError } from "./api";

export interface Answered<T> {
  data: Readonly<Ref<T | null>>;
  error: Readonly<Ref<ShopError | null>>;
  isAsking: Readonly<Ref<boolean>>;
  again: () => Promise<void>;
}

/** Ask now and whenever the source changes. A late answer to an earlier question is dropped. */
export function useAnswer<S, T>(source: () => S, question: (about: S) => Promise<T>): Answered<T> {
  const data = shallowRef<T | null>(null);
  const error = shallowRef<ShopError | null>(null);
  const isAsking = shallowRef(false);
  let turn = 0;

  async function ask(about: S): Promise<void> {
    const mine = ++turn;
    isAsking.value = true;
    try {
      const answer = await question(about);
      if (mine !== turn) return;
      data.value = answer;
      error.value = null;
    } catch (trouble) {
      if (mine !== turn) return;
      error.value = asShopError(trouble);
    }
    isAsking.value = false;
  }

  watch(source, ask, { immediate: true });
  return { data, error, isAsking, again: () => ask(source()) };
}

/** Return a refusal of the shop; whatever else was thrown is a mistake in the code and goes on. */
export function asShopError(trouble: unknown): ShopError {
  if (trouble instanceof ShopError) return trouble;
  throw trouble;
}
