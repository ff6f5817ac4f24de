import { Component, input } from "@angular/core";

/** A button that says when it is busy. It stays focusable then, and ignores a second press. */
@Component({
  selector: "button[appBusy]",
  host: {
    class: "button",
    "[attr.aria-busy]": "isBusy()",
    "[attr.aria-disabled]": "isOff() || null",
    "(click)": "isBusy() ? $event.preventDefault() : null",
  },
  template: `@if (isBusy()) { {{ words() }} } @else { <ng-content /> }`,
})
export class BusyButton {
  /** What it says while it is busy. */
  readonly words = input.required<string>({ alias: "appBusy" });
  readonly isBusy = input.required<boolean>();
  readonly isOff = input(false);
}
