import { Component, computed, input } from "@angular/core";

import type { Variant } from "../types";
import { Icon, type IconName } from "./icon";

/** What is said about stock: of an edition, or of a book as a whole. */
@Component({
  selector: "span[appStock]",
  imports: [Icon],
  host: { class: "stock", "[class]": "said().tone" },
  template: `<app-icon [name]="said().icon" /> {{ said().words }}`,
})
export class Stock {
  readonly of = input.required<Pick<Variant, "availability" | "left"> & { is_digital?: boolean }>({ alias: "appStock" });

  readonly said = computed((): { tone: string; icon: IconName; words: string } => {
    const { availability, is_digital, left } = this.of();
    if (availability === "sold_out") return { tone: "gone", icon: "cross", words: "Sold out" };
    if (is_digital) return { tone: "good", icon: "tick", words: "Sent at once" };
    if (availability === "few_left") return { tone: "few", icon: "info", words: `Only ${left ?? 1} left` };
    return { tone: "good", icon: "tick", words: "In stock" };
  });
}
