/* What screen readers are told, and how a page is named, when it changes without a new document. */
import { effect, inject, Injectable, signal } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { TitleStrategy } from "@angular/router";

import { Shop } from "./shop";

/** The live region at the end of the page. */
@Injectable({ providedIn: "root" })
export class Live {
  readonly spoken = signal("");

  /** Say something. Emptied first, so that the same words twice are said twice. */
  announce(words: string): void {
    this.spoken.set("");
    setTimeout(() => { this.spoken.set(words); }, 100);
  }
}

/** Pages name themselves, once they know their name: a route does not. */
@Injectable({ providedIn: "root" })
export class OwnTitles extends TitleStrategy {
  override updateTitle(): void {
    // Each page calls `useTitle`.
  }
}

/** Name the page, once its name is known. Call it while a page is made. */
export function useTitle(title: () => string | null | undefined): void {
  const document = inject(Title);
  const shop = inject(Shop);
  effect(() => {
    const words = title();
    if (words) document.setTitle(`${words} · ${shop.config()?.store_name ?? "Folio"}`);
  });
}
