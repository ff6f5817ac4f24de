import { afterRenderEffect, Component, computed, ElementRef, inject, input } from "@angular/core";

const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** The error summary: first in the form, focused when it comes, with a link to every field that needs work. */
@Component({
  selector: "div[appWrongs]",
  host: { class: "wrongs", tabindex: "-1", "aria-labelledby": "wrongs" },
  template: `
    <h2 id="wrongs">{{ title() || heading() }}</h2>
    <ul>
      @for (wrong of wrongs(); track wrong[0]) {
        <li>
          @if (wrong[0]) { <a [href]="'#' + wrong[0]" (click)="go($event, wrong[0])">{{ wrong[1] }}</a> } @else { {{ wrong[1] }} }
        </li>
      }
    </ul>
  `,
})
export class Wrongs {
  /** Field → its first sentence; "" for what belongs to no field. */
  readonly problems = input.required<Record<string, string>>({ alias: "appWrongs" });
  /** A heading of its own, where the form has one. */
  readonly title = input("");

  readonly wrongs = computed(() => Object.entries(this.problems()));
  readonly heading = computed(() => {
    const { length } = this.wrongs();
    return `${NUMBERS[length] ?? length} ${length === 1 ? "thing" : "things"} to put right`;
  });

  constructor() {
    const box = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
    afterRenderEffect(() => {
      this.problems();
      box.focus();
    });
  }

  go(event: Event, name: string): void {
    event.preventDefault();
    document.getElementById(name)?.focus();
  }
}
