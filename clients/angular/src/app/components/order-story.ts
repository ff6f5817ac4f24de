import { Component, computed, input } from "@angular/core";

import { clock, day } from "../money";
import type { OrderDetail } from "../types";
import { OrderSummary } from "./order-summary";

/** What has happened to an order, and what it holds. */
@Component({
  selector: "app-order-story",
  imports: [OrderSummary],
  template: `
    <div class="money">
      <section class="no-print">
        <h2>What has happened</h2>
        <ol class="timeline">
          @for (step of steps(); track $index) {
            <li [class]="step.kind" [attr.aria-current]="step.kind === 'now' || step.kind === 'wait' ? 'step' : null">
              {{ step.words }}
              @if (step.at) { <time [attr.datetime]="step.at">{{ step.when }}</time> }
            </li>
          }
        </ol>
      </section>
      <aside [appOrderSummary]="order()">
        @if (order().payment?.intent_id; as intent) {
          <p class="aside">
            @if (order().paid_with) { {{ order().paid_with }}<br> }
            <span class="mono">{{ intent }}</span>
          </p>
        }
      </aside>
    </div>
  `,
})
export class OrderStory {
  readonly order = input.required<OrderDetail>();

  /** The steps, each with its time; with its day too where that is another than the step's before. */
  readonly steps = computed(() =>
    this.order().steps.map((step, place, steps) => {
      const before = steps[place - 1]?.at;
      const time = step.at ? clock(step.at, "time") : "";
      const isSameDay = step.at && before && day(before) === day(step.at);
      return { ...step, when: step.at && !isSameDay ? `${day(step.at)}, ${time}` : time };
    }),
  );
}
