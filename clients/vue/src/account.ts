/* Logging in: django-allauth's headless API for apps, which answers with the token of a session. */
import { computed, shallowRef } from "vue";

import { api, asked, cartToken, NoAnswerError, origin, sessionToken, ShopError, sign } from "./api";
import { forgetCart, lookAtCart } from "./cart";
import type { Me } from "./types";

/** What allauth answers, as far as it is read here: https://docs.allauth.org/en/latest/headless/openapi-specification/ */
interface AuthAnswer {
  status: number;
  meta?: { is_authenticated?: boolean; session_token?: string };
  errors?: { message: string; code: string; param?: string }[];
}

export const isLoggedIn = computed(() => sessionToken.value !== "");
export const user = shallowRef<Me | null>(null);

async function call(method: "POST" | "DELETE", path: string, body: object): Promise<AuthAnswer> {
  const headers = new Headers({ "Content-Type": "application/json" });
  sign(headers);
  const url = `${origin}/_allauth/app/v1/auth/${path}`;
  try {
    const response = await fetch(url, { method, headers, credentials: "omit", body: JSON.stringify(body) });
    return { ...((await response.json()) as AuthAnswer), status: response.status };
  } catch {
    throw new NoAnswerError();
  }
}

/** Log in with e-mail and password. Throws a ShopError with what is wrong, by field. */
export const logIn = (email: string, password: string): Promise<void> => enter("login", { email, password });

/** Make an account and be logged in. Throws a ShopError with what is wrong, by field. */
export const signUp = (email: string, password: string): Promise<void> => enter("signup", { email, password });

async function enter(path: string, body: object): Promise<void> {
  const answer = await call("POST", path, body);
  const token = answer.meta?.session_token;
  if (!answer.meta?.is_authenticated || !token) throw refused(answer);
  sessionToken.value = token;
  // The first question with both tokens brings the visitor's cart into the account; its own token is of no use then.
  await Promise.all([recall(), lookAtCart()]);
  cartToken.value = "";
}

function refused({ status, errors = [] }: AuthAnswer): ShopError {
  const fields: Record<string, string[]> = {};
  for (const { param, message } of errors) if (param) (fields[param] ??= []).push(message);
  const [first] = errors;
  const words =
    status === 429 ? "Too many tries. Wait a few minutes, then try again." : "That did not work. Try again in a moment.";
  return new ShopError(status, first?.code ?? `http_${status}`, first?.message ?? words, fields);
}

/** Ask who is logged in, if anybody is. Throws a ShopError. */
export async function recall(): Promise<void> {
  if (isLoggedIn.value) user.value = await asked(api.GET("/api/v1/me"));
}

/** End the session, here and at the shop. */
export async function logOut(): Promise<void> {
  // Whether or not the shop hears of it: nothing is left here to ask with.
  await call("DELETE", "session", {}).catch(() => undefined);
  sessionToken.value = "";
  user.value = null;
  forgetCart();
}
