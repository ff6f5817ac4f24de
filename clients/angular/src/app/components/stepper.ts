import { Component, input, model } from "@angular/core";

import { Icon } from "./icon";

/** − number + in one frame. */
@Component({
  selector: "span[appStepper]",
  imports: [Icon],
  host: { class: "stepper" },
  template: `
    <button type="button" [attr.aria-label]="'One fewer of ' + title()" (click)="step(-1)"><app-icon name="minus" /></button>
    <input
      #field
      type="number"
      inputmode="numeric"
      autocomplete="off"
      min="1"
      [id]="fieldId()"
      [value]="quantity()"
      [max]="most()"
      [attr.aria-label]="'Quantity of ' + title()"
      [attr.aria-invalid]="problem() ? true : null"
      [attr.aria-describedby]="problem() || null"
      (change)="type(field)"
    >
    <button type="button" [attr.aria-label]="'One more of ' + title()" (click)="step(1)"><app-icon name="plus" /></button>
  `,
})
export class Stepper {
  readonly quantity = model.required<number>();
  readonly fieldId = input.required<string>({ alias: "appStepper" });
  /** Of the book, for the names of the keys. */
  readonly title = input.required<string>();
  readonly most = input.required<number>();
  /** The id of the sentence that says what is wrong with the number. */
  readonly problem = input("");

  step(by: number): void {
    this.quantity.set(Math.min(Math.max(this.quantity() + by, 1), this.most()));
  }

  type(field: HTMLInputElement): void {
    const typed = Math.trunc(field.valueAsNumber);
    if (typed >= 1) this.quantity.set(typed);
    field.value = String(this.quantity());
  }
}
