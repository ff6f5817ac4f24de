import { Component } from "@angular/core";

import { Trouble } from "../components/trouble";
import { Refusal } from "../refusal";

@Component({
  selector: "app-not-found-page",
  imports: [Trouble],
  host: { class: "page" },
  template: `<app-trouble [error]="error" />`,
})
export class NotFoundPage {
  readonly error = new Refusal(404, "not_found", "That page is not on our shelves.");
}
