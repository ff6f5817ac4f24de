/* A text that outlives the page, and is the same in every tab. */
import { customRef, type Ref } from "vue";

/** Return a text kept in this browser under a name; empty where there is none. */
export function kept(name: string): Ref<string> {
  return customRef((track, trigger) => {
    addEventListener("storage", (event) => {
      if (event.key === name || event.key === null) trigger();
    });
    return {
      get() {
        track();
        return localStorage.getItem(name) ?? "";
      },
      set(value) {
        if (value) localStorage.setItem(name, value);
        else localStorage.removeItem(name);
        trigger();
      },
    };
  });
}
