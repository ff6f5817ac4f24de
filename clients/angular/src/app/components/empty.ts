import { Component, input } from "@angular/core";
import { RouterLink } from "@angular/router";

/** Nothing here yet: a short shelf, one sentence, one button. What stands inside takes the place of heading and text. */
@Component({
  selector: "div[appEmpty]",
  imports: [RouterLink],
  host: { class: "empty" },
  template: `
    <div class="drawing" aria-hidden="true"><img src="empty-shelf.svg" width="140" height="77" alt=""></div>
    @if (heading()) {
      <h1 class="title">{{ heading() }}</h1>
      <p>{{ text() }}</p>
    }
    <ng-content />
    <p class="actions"><a class="button" routerLink="/products">See all books</a></p>
  `,
})
export class Empty {
  readonly heading = input("");
  readonly text = input("");
}
