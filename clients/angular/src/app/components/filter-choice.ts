import { Component, input, output } from "@angular/core";

import type { Facets } from "../types";

/** One thing to choose, as radios, with how many books each choice leads to. */
@Component({
  selector: "fieldset[appFilterChoice]",
  template: `
    <legend>{{ legend() }}</legend>
    <label class="check"><input type="radio" [attr.name]="name()" value="" [checked]="!chosen()" (change)="choose.emit('')"> {{ none() }}</label>
    @for (option of options(); track option.value) {
      <label class="check">
        <input type="radio" [attr.name]="name()" [value]="option.value" [checked]="chosen() === option.value" (change)="choose.emit(option.value)"> {{ option.words }}
        <span class="number">{{ option.count }}</span>
      </label>
    }
  `,
})
export class FilterChoice {
  readonly name = input.required<string>({ alias: "appFilterChoice" });
  readonly legend = input.required<string>();
  /** What it says where nothing is chosen. */
  readonly none = input.required<string>();
  readonly options = input.required<Facets["categories"]>();
  readonly chosen = input.required<string>();
  readonly choose = output<string>();
}
