import { computed, signal } from "@angular/core";

import { type Refusal, refusalOf } from "./refusal";

/** A form on its way: busy while it is sent, and what was wrong with it, field by field. */
export class Sending {
  readonly isSending = signal(false);
  readonly error = signal<Refusal | null>(null);
  private readonly missing = signal<Record<string, string>>({});

  /** Field → its first sentence. */
  readonly problems = computed<Record<string, string>>(() => {
    const found = { ...this.missing() };
    const fields = Object.entries(this.error()?.fields ?? {});
    for (const [field, [sentence]] of fields) if (sentence) found[this.rename(field)] ??= sentence;
    return found;
  });
  readonly hasProblems = computed(() => Object.keys(this.problems()).length > 0);
  /** What is wrong with none of the fields. */
  readonly trouble = computed(() => (this.hasProblems() ? "" : (this.error()?.message ?? "")));

  /** `rename` maps the API's names of fields to the ids of the inputs, where they differ. */
  constructor(private readonly rename: (field: string) => string = (field) => field) {}

  /** Send, unless it is on its way already or something is missing: `missing` is field → sentence. */
  async send(missing: Record<string, string>, work: () => Promise<void>): Promise<void> {
    if (this.isSending()) return;
    this.error.set(null);
    this.missing.set(missing);
    if (Object.keys(missing).length) return;
    this.isSending.set(true);
    try {
      await work();
    } catch (trouble) {
      this.error.set(refusalOf(trouble));
    } finally {
      this.isSending.set(false);
    }
  }
}
