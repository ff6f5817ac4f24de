import { Component, computed, input } from "@angular/core";

import { Icon } from "./icon";

const ICONS = { good: "tick", warn: "info", bad: "alert" } as const;

/** A message that stays. Its first sentence is bold, in its colour; a link or button may follow inside. */
@Component({
  selector: "app-notice",
  imports: [Icon],
  template: `
    <div class="notice" [class]="kind()">
      <app-icon [name]="icon()" />
      <p><strong>{{ text().slice(0, end()) }}</strong>{{ text().slice(end()) }} <ng-content /></p>
    </div>
  `,
})
export class Notice {
  readonly kind = input<"good" | "warn" | "bad">("good");
  readonly text = input.required<string>();
  readonly icon = computed(() => ICONS[this.kind()]);
  readonly end = computed(() => (/[.?!](?= )/.exec(this.text())?.index ?? this.text().length) + 1);
}
