import { HttpClient } from "@angular/common/http";
import { inject, Injectable } from "@angular/core";
import { firstValueFrom, Subject } from "rxjs";

import type { paths } from "../generated/api";
import { Kept } from "./kept";
import { Origin } from "./origin";
import { refusalOf } from "./refusal";

/* The types of every question and answer come from the API's OpenAPI file: `npm run types`. */
type Method = "get" | "post" | "patch" | "delete";
type Path<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, { responses: object }> ? P : never }[keyof paths];
type Operation<M extends Method, P> = P extends keyof paths ? paths[P][M & keyof paths[P]] : never;
type Body<T> = T extends { content: { "application/json": infer B } } ? B : never;
type Answer<M extends Method, P> = Operation<M, P> extends { responses: infer R } ? Body<R[keyof R & (200 | 201)]> : never;
type Asked<M extends Method, P> = Operation<M, P> extends { requestBody: infer B } ? Body<B> : undefined;

interface Said<M extends Method, P> {
  path?: Record<string, string | number>;
  query?: Record<string, string | boolean | undefined>;
  headers?: Record<string, string>;
  body?: Asked<M, P>;
}

/** The one place that talks to the API. Every refusal is thrown as a Refusal. */
@Injectable({ providedIn: "root" })
export class Api {
  private readonly http = inject(HttpClient);
  private readonly kept = inject(Kept);
  private readonly origin = inject(Origin);

  /** Tells whenever the API says that a session is over. */
  readonly sessionOver = new Subject<void>();

  async ask<M extends Method, P extends Path<M>>(method: M, path: P, said: Said<M, P> = {}): Promise<Answer<M, P>> {
    const url = this.origin.url + path.replace(/\{(\w+)\}/g, (_gap, name: string) => encodeURIComponent(said.path?.[name] ?? ""));
    const params = Object.fromEntries(Object.entries(said.query ?? {}).filter(([, value]) => value)) as Record<string, string | boolean>;
    const { body, headers = {} } = said;
    try {
      return await firstValueFrom(this.http.request<Answer<M, P>>(method, url, { body, params, headers }));
    } catch (trouble) {
      const refusal = refusalOf(trouble);
      if (refusal.status === 401 && this.kept.session()) {
        this.kept.session.set("");
        this.sessionOver.next();
      }
      throw refusal;
    }
  }

  readonly get = <P extends Path<"get">>(path: P, said?: Said<"get", P>) => this.ask("get", path, said);
  readonly post = <P extends Path<"post">>(path: P, said?: Said<"post", P>) => this.ask("post", path, said);
  readonly patch = <P extends Path<"patch">>(path: P, said?: Said<"patch", P>) => this.ask("patch", path, said);
}
