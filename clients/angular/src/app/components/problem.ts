import { Component, input } from "@angular/core";

import { Icon } from "./icon";

/** One error sentence, tied to its control by the id. */
@Component({
  selector: "p[appProblem]",
  imports: [Icon],
  host: { class: "problem" },
  template: `<app-icon name="alert" /> <span>{{ sentence() }}</span>`,
})
export class Problem {
  readonly sentence = input.required<string>({ alias: "appProblem" });
}
