/* A form on its way: busy while it is sent, and what was wrong with it, field by field. */
import { computed, shallowRef } from "vue";

import type { ShopError } from "./api";
import { asShopError } from "./useAnswer";

/** `rename` maps the API's names of fields to the ids of the inputs, where they differ. */
export function useForm(rename: (field: string) => string = (field) => field) {
  const isSending = shallowRef(false);
  const error = shallowRef<ShopError | null>(null);
  const own = shallowRef<Record<string, string>>({});

  const problems = computed<Record<string, string>>(() => {
    const found = { ...own.value };
    const fields = Object.entries(error.value?.fields ?? {});
    for (const [field, [sentence]] of fields) if (sentence) found[rename(field)] ??= sentence;
    return found;
  });

  /** Send, unless it is on its way already or something is missing: `missing` is field → sentence. */
  async function send(missing: Record<string, string>, work: () => Promise<void>): Promise<void> {
    if (isSending.value) return;
    error.value = null;
    own.value = missing;
    if (Object.keys(missing).length) return;
    isSending.value = true;
    try {
      await work();
    } catch (trouble) {
      error.value = asShopError(trouble);
    } finally {
      isSending.value = false;
    }
  }

  return { isSending, error, problems, send };
}
