import { Component, inject, input } from "@angular/core";

import { Origin } from "../origin";
import type { Cover as Picture } from "../types";

/** A cover. Its title must stand beside it, so the picture itself says nothing. */
@Component({
  selector: "app-cover",
  template: `
    <span class="cover" [class.gone]="gone()">
      @if (cover(); as picture) {
        <img [src]="origin.picture(picture.url)" [width]="picture.width" [height]="picture.height" alt="" [attr.loading]="eager() ? 'eager' : 'lazy'" decoding="async">
      }
    </span>
  `,
})
export class Cover {
  readonly origin = inject(Origin);
  readonly cover = input.required<Picture | null | undefined>();
  /** Nobody can buy it now. */
  readonly gone = input(false);
  /** It is near the top of the page, so it is loaded at once. */
  readonly eager = input(false);
}
