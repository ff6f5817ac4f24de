import { Component, computed, input } from "@angular/core";
import { type FormControl, ReactiveFormsModule } from "@angular/forms";

import type { Option } from "../listing";
import { Problem } from "./problem";

/** One field: label, hint, error, control. With `options` it is a choice, else a line of text. */
@Component({
  selector: "div[appField]",
  imports: [Problem, ReactiveFormsModule],
  host: { class: "field", "[class.wrong]": "!!problem()" },
  template: `
    <label [for]="name()">{{ label() }}@if (optional()) {<span class="optional"> (optional)</span>}</label>
    @if (hint()) { <div [id]="name() + '_hint'" class="hint">{{ hint() }}</div> }
    @if (problem(); as sentence) { <p [appProblem]="sentence" [id]="name() + '_error'"></p> }
    @if (options(); as choices) {
      <select [id]="name()" [attr.name]="name()" [formControl]="control()" [attr.autocomplete]="autocomplete()" [attr.aria-invalid]="problem() ? true : null" [attr.aria-describedby]="describedBy()">
        @for (choice of choices; track choice[0]) { <option [value]="choice[0]">{{ choice[1] }}</option> }
      </select>
    } @else {
      <input [id]="name()" [attr.name]="name()" [formControl]="control()" [type]="type()" [attr.autocomplete]="autocomplete()" [required]="!optional()" [attr.aria-invalid]="problem() ? true : null" [attr.aria-describedby]="describedBy()">
    }
  `,
})
export class Field {
  readonly control = input.required<FormControl<string>>({ alias: "appField" });
  /** The field's name in the API, and its id. */
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly type = input("text");
  readonly autocomplete = input<string>();
  readonly hint = input("");
  readonly problem = input<string>();
  readonly optional = input(false);
  readonly options = input<Option[]>();

  readonly describedBy = computed(
    () => [this.hint() && `${this.name()}_hint`, this.problem() && `${this.name()}_error`].filter(Boolean).join(" ") || null,
  );
}
