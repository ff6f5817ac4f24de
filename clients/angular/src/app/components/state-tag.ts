import { Component, computed, input } from "@angular/core";

import type { Order } from "../types";
import { tag } from "../words";
import { Icon } from "./icon";

/** The state of an order in a word with its icon. */
@Component({
  selector: "span[appTag]",
  imports: [Icon],
  host: { class: "tag", "[class]": "said().tone" },
  template: `<app-icon [name]="said().icon" /> {{ said().words }}`,
})
export class StateTag {
  readonly order = input.required<Pick<Order, "status" | "needs_attention" | "paid_at">>({ alias: "appTag" });
  readonly said = computed(() => tag(this.order()));
}
