import { Component, input, output } from "@angular/core";
import { RouterLink } from "@angular/router";

import { useTitle } from "../live";
import type { Refusal } from "../refusal";
import { Notice } from "./notice";

/** What a page says in place of what it could not get. */
@Component({
  selector: "app-trouble",
  imports: [Notice, RouterLink],
  template: `
    <div class="stack">
      @if (error().status === 404) {
        <h1>That page is not on our shelves.</h1>
        <p class="lead">It may have moved, or the address has a slip in it. Search above, or start from the beginning.</p>
        <p class="actions"><a class="button" routerLink="/products">See all books</a></p>
      } @else {
        <h1 class="title">We could not show this just now.</h1>
        <div role="alert"><app-notice kind="bad" [text]="error().message" /></div>
        <p class="actions"><button class="button" type="button" (click)="again.emit()">Try again</button></p>
      }
    </div>
  `,
})
export class Trouble {
  readonly error = input.required<Refusal>();
  readonly again = output();

  constructor() {
    useTitle(() => (this.error().status === 404 ? "Not found" : "Error"));
  }
}
