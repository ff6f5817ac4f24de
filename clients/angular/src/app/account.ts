import { HttpClient, HttpErrorResponse } from "@angular/common/http";
import { computed, inject, Injectable, signal } from "@angular/core";
import { firstValueFrom } from "rxjs";

import { Api } from "./api";
import { CartService } from "./cart";
import { Kept } from "./kept";
import { Origin } from "./origin";
import { Refusal, refusalOf } from "./refusal";
import type { Me } from "./types";

/** What allauth answers, as far as it is read here: https://docs.allauth.org/en/latest/headless/openapi-specification/ */
interface AuthAnswer {
  meta?: { is_authenticated?: boolean; session_token?: string };
  errors?: { message: string; code: string; param?: string }[];
}

/** Logging in: django-allauth's headless API for apps, which answers with the token of a session. */
@Injectable({ providedIn: "root" })
export class Account {
  private readonly api = inject(Api);
  private readonly cart = inject(CartService);
  private readonly http = inject(HttpClient);
  private readonly kept = inject(Kept);
  private readonly origin = inject(Origin);

  readonly isLoggedIn = computed(() => this.kept.session() !== "");
  readonly user = signal<Me | null>(null);

  /** Log in with e-mail and password. Throws a Refusal with what is wrong, by field. */
  readonly logIn = (email: string, password: string) => this.enter("login", { email, password });

  /** Make an account and be logged in. Throws a Refusal with what is wrong, by field. */
  readonly signUp = (email: string, password: string) => this.enter("signup", { email, password });

  private async enter(door: string, body: object): Promise<void> {
    const answer = await this.call("POST", door, body);
    const token = answer.meta?.session_token;
    if (!token) throw new Refusal(401, "not_let_in", "That did not work. Try again in a moment.");
    this.kept.session.set(token);
    // The first question with both tokens brings the visitor's cart into the account; its own token is of no use then.
    await Promise.all([this.recall(), this.cart.look()]);
    this.kept.cart.set("");
  }

  /** Ask who is logged in, if anybody is. Throws a Refusal. */
  async recall(): Promise<void> {
    if (this.isLoggedIn()) this.user.set(await this.api.get("/api/v1/me"));
  }

  /** End the session, here and at the shop. */
  async logOut(): Promise<void> {
    // Whether or not the shop hears of it: nothing is left here to ask with.
    await this.call("DELETE", "session", {}).catch(() => undefined);
    this.kept.session.set("");
    this.user.set(null);
    this.cart.forget();
  }

  private async call(method: string, door: string, body: object): Promise<AuthAnswer> {
    try {
      return await firstValueFrom(this.http.request<AuthAnswer>(method, `${this.origin.url}/_allauth/app/v1/auth/${door}`, { body }));
    } catch (trouble) {
      throw refused(trouble);
    }
  }
}

function refused(trouble: unknown): Refusal {
  if (!(trouble instanceof HttpErrorResponse) || trouble.status === 0) return refusalOf(trouble);
  if (trouble.status === 429) return new Refusal(429, "too_many_tries", "Too many tries. Wait a few minutes, then try again.");
  const { errors = [] } = (trouble.error ?? {}) as AuthAnswer;
  const fields: Record<string, string[]> = {};
  for (const { param, message } of errors) if (param) (fields[param] ??= []).push(message);
  const [first] = errors;
  return new Refusal(trouble.status, first?.code ?? `http_${trouble.status}`, first?.message ?? "That did not work. Try again in a moment.", fields);
}
