import { computed, linkedSignal, type Resource, resource, type Signal } from "@angular/core";

import { Refusal } from "./refusal";

export interface Answered<T> {
  /** The last answer: it stays while the next is awaited, so that nothing jumps. */
  data: Signal<T | undefined>;
  error: Signal<Refusal | undefined>;
  isAsking: Signal<boolean>;
  again: () => void;
}

/** Ask now and whenever the source changes. A late answer to an earlier question is dropped, as `resource` does. */
export function answer<S, T>(source: () => S, question: (about: NoInfer<S>) => Promise<T>): Answered<T> {
  const asked = resource({ params: () => ({ about: source() }), loader: ({ params }) => question(params.about) });
  return {
    data: lastValue(asked),
    error: computed(() => refused(asked.error())),
    isAsking: asked.isLoading,
    again: () => { asked.reload(); },
  };
}

function lastValue<T>(asked: Resource<T | undefined>): Signal<T | undefined> {
  return linkedSignal<T | undefined, T | undefined>({
    source: () => (asked.hasValue() ? asked.value() : undefined),
    computation: (now, before) => now ?? before?.value,
  });
}

/** Return a refusal of the shop; whatever else was thrown is a mistake in the code and goes on. */
function refused(error: Error | undefined): Refusal | undefined {
  if (error === undefined || error instanceof Refusal) return error;
  throw error;
}
