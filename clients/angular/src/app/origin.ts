import { Injectable } from "@angular/core";

import { noAnswer } from "./refusal";

/** Where the API is, as `config.json` beside the files says, so that one build serves every environment. */
@Injectable({ providedIn: "root" })
export class Origin {
  url = "";

  /** Find the API. Awaited before anything is asked. Throws a Refusal. */
  async find(): Promise<void> {
    try {
      const answer = await fetch(new URL("config.json", document.baseURI), { cache: "no-cache" });
      this.url = ((await answer.json()) as { api: string }).api;
    } catch {
      throw noAnswer();
    }
  }

  /** Return the address of a picture, which the API gives relative to itself unless a CDN keeps it. */
  picture(url: string): string {
    return new URL(url, this.url).href;
  }
}
