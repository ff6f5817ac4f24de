import { Component, input } from "@angular/core";

export type IconName = "tick" | "cross" | "info" | "clock" | "alert" | "van" | "back" | "search" | "minus" | "plus";

/** An icon beside words that say the same; never alone, so hidden from screen readers. */
@Component({
  selector: "app-icon",
  template: `<svg class="icon" aria-hidden="true" focusable="false"><use [attr.href]="'icons.svg#' + name()" /></svg>`,
})
export class Icon {
  readonly name = input.required<IconName>();
}
