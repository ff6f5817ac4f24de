/* The one place that talks to the API. Types come from its OpenAPI file: `npm run types`. */
import createClient, { type Client } from "openapi-fetch";
import { ref } from "vue";

import type { components, paths } from "./generated/api";
import { kept } from "./kept";

type Schemas = components["schemas"];
type Refusal = Schemas["ErrorOut"]["error"];

/** What the API refuses, or that it did not answer: `code` is stable, `message` is for the customer. */
export class ShopError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Refusal["fields"] = {},
    readonly lines: Refusal["lines"] = [],
  ) {
    super(message);
  }
}

/** Nothing came back, so nobody knows whether it was done. */
export class NoAnswerError extends ShopError {
  constructor() {
    super(0, "no_answer", "The shop did not answer. Check the connection, then try again.");
  }
}

/** The session of who is logged in, and the cart of who is not: an app keeps what a browser would keep in cookies. */
export const sessionToken = kept("folio.session");
export const cartToken = kept("folio.cart");

/** Counts up whenever the API says that a session is over. */
export const sessionsOver = ref(0);

/** Where the API is, as `/config.json` beside the files says, so that one build serves every environment. */
export let origin = "";
export let api: Client<paths>;

/** Find the API. Must be awaited before anything else here is used. Throws a ShopError. */
export async function connect(): Promise<void> {
  try {
    const answer = await fetch(`${import.meta.env.BASE_URL}config.json`, { cache: "no-cache" });
    origin = ((await answer.json()) as { api: string }).api;
  } catch {
    throw new NoAnswerError();
  }
  // No cookies go to the other origin, so it needs no proof against forged requests: tokens in headers say who asks.
  api = createClient<paths>({ baseUrl: origin, credentials: "omit" });
  api.use({ onRequest: ({ request }) => { sign(request.headers); } });
}

/** Add what says who asks, and in which language the answer shall be. */
export function sign(headers: Headers): void {
  headers.set("Accept-Language", document.documentElement.lang);
  if (sessionToken.value) headers.set("X-Session-Token", sessionToken.value);
  if (cartToken.value) headers.set("X-Cart-Token", cartToken.value);
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Return what was answered. Throws a ShopError for a refusal, and when there was no answer. */
export async function asked<T>(question: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await question;
  } catch {
    throw new NoAnswerError();
  }
  if (answer.response.ok) return answer.data as T;
  const { code, message, fields, lines } = refusal(answer);
  if (answer.response.status === 401 && sessionToken.value) {
    sessionToken.value = "";
    sessionsOver.value += 1;
  }
  throw new ShopError(answer.response.status, code, message, fields, lines);
}

function refusal({ error, response }: Answer<unknown>): Refusal {
  const said = (error as Schemas["ErrorOut"] | undefined)?.error;
  // A gateway between the two may answer for the shop, in words of its own.
  return said ?? { code: `http_${response.status}`, message: "The shop cannot answer just now. Try again.", fields: {}, lines: [] };
}

/** Return the address of a picture, which the API gives relative to itself unless a CDN keeps it. */
export function picture(url: string): string {
  return new URL(url, origin).href;
}
