import { HttpErrorResponse } from "@angular/common/http";

import type { components } from "../generated/api";

type Said = components["schemas"]["ErrorOut"]["error"];

/** What the API refuses, or that it did not answer: `code` is stable, `message` is for the customer. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Said["fields"] = {},
    readonly lines: Said["lines"] = [],
  ) {
    super(message);
  }
}

/** Nothing came back, so nobody knows whether it was done. */
export function noAnswer(): Refusal {
  return new Refusal(0, "no_answer", "The shop did not answer. Check the connection, then try again.");
}

/** Return a refusal for what a request came back with; whatever else was thrown is a mistake in the code and goes on. */
export function refusalOf(trouble: unknown): Refusal {
  if (trouble instanceof Refusal) return trouble;
  if (!(trouble instanceof HttpErrorResponse)) throw trouble;
  if (trouble.status === 0) return noAnswer();
  const said = (trouble.error as { error?: Said } | null)?.error;
  // A gateway between the two may answer for the shop, in words of its own.
  if (!said) return new Refusal(trouble.status, `http_${trouble.status}`, "The shop cannot answer just now. Try again.");
  return new Refusal(trouble.status, said.code, said.message, said.fields, said.lines);
}
