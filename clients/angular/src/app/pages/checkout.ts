import { Component, computed, DestroyRef, type ElementRef, inject, signal, viewChild } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { NonNullableFormBuilder, ReactiveFormsModule } from "@angular/forms";
import { Router } from "@angular/router";

import { Account } from "../account";
import { answer } from "../answer";
import { Api } from "../api";
import { CartService } from "../cart";
import { Intention } from "../intention";
import type { Option } from "../listing";
import { Live, useTitle } from "../live";
import { BusyButton } from "../components/busy-button";
import { ChangesSlip } from "../components/changes-slip";
import { Field } from "../components/field";
import { Notice } from "../components/notice";
import { Problem } from "../components/problem";
import { SummaryBox } from "../components/summary-box";
import { Trouble } from "../components/trouble";
import { Wrongs } from "../components/wrongs";
import { type Refusal, refusalOf } from "../refusal";
import { Sending } from "../sending";
import { Shop } from "../shop";
import type { DeliveryOption, Quote } from "../types";

/** Step 1 of 2: an address, a way to send, and what it costs. The API places only for the total that is shown here. */
@Component({
  selector: "app-checkout-page",
  imports: [BusyButton, ChangesSlip, Field, Notice, Problem, ReactiveFormsModule, SummaryBox, Trouble, Wrongs],
  host: { class: "page" },
  template: `
    @if (trouble(); as error) {
      <app-trouble [error]="error" (again)="again()" />
    } @else if (quote(); as costs) {
      <header>
        <p class="step">Step 1 of 2</p>
        <h1 class="title">{{ heading() }}</h1>
      </header>
      <form class="money" novalidate [formGroup]="form" (ngSubmit)="place()">
        <div>
          <div #slip tabindex="-1">
            @if (moved() || carts.changes().length) {
              <section [appSlip]="carts.changes()" [heading]="moved()">
                @if (moved()) { <p class="actions"><button appBusy="Placing…" [isBusy]="sending.isSending()">Place order for {{ shop.price(costs.total) }}</button></p> }
              </section>
            }
          </div>
          <div role="alert">@if (sending.trouble(); as words) { <app-notice kind="bad" [text]="words" /> }</div>
          @if (sending.hasProblems()) { <div [appWrongs]="problems()"></div> }
          <ng-container formGroupName="address">
            <div [appField]="address.full_name" name="full_name" label="Full name" autocomplete="name" [problem]="problems()['full_name']"></div>
            <div [appField]="address.line1" name="line1" label="Street and house number" autocomplete="address-line1" [problem]="problems()['line1']"></div>
            <div [appField]="address.line2" name="line2" label="Flat, floor, care of" autocomplete="address-line2" [optional]="true" [problem]="problems()['line2']"></div>
            <div class="fields third">
              <div [appField]="address.postal_code" name="postal_code" label="Postal code" autocomplete="postal-code" [problem]="problems()['postal_code']"></div>
              <div [appField]="address.city" name="city" label="City" autocomplete="address-level2" [problem]="problems()['city']"></div>
            </div>
            <div [appField]="address.region" name="region" label="State or province" autocomplete="address-level1" [optional]="true" [problem]="problems()['region']"></div>
            <div class="fields">
              <div [appField]="address.country" name="country" label="Country" autocomplete="country" [options]="countries()" [problem]="problems()['country']"></div>
              <div [appField]="address.phone" name="phone" label="Phone" type="tel" autocomplete="tel" [optional]="true" [problem]="problems()['phone']"></div>
            </div>
          </ng-container>
          @if (costs.needs_delivery) {
            <fieldset id="delivery" class="field choices" [class.wrong]="problems()['delivery']" [attr.aria-describedby]="problems()['delivery'] ? 'delivery_error' : null">
              <legend class="legend">Delivery</legend>
              @if (problems()["delivery"]; as sentence) { <p id="delivery_error" [appProblem]="sentence"></p> }
              @for (way of ways(); track way.code) {
                <label class="choice">
                  <input type="radio" formControlName="delivery" [value]="way.code">
                  <span class="words">{{ way.name }}@if (way.note) {<small>{{ way.note }}</small>}</span>
                  <span class="worth">{{ cost(way, costs) }}</span>
                </label>
              }
            </fieldset>
          }
        </div>
        <aside class="summary" aria-label="Summary">
          <app-summary-box heading="Summary" [lines]="lines()" [totals]="costs" [currency]="costs.currency" [needsDelivery]="costs.needs_delivery" />
          <button appBusy="Placing…" class="full" [class.second]="moved()" [isBusy]="sending.isSending()">Place order and go on to pay</button>
          <p class="aside">We keep these books for you for {{ shop.config()?.order_ttl_minutes }} minutes while you pay.</p>
        </aside>
      </form>
    }
  `,
})
export class CheckoutPage {
  private readonly api = inject(Api);
  private readonly live = inject(Live);
  private readonly account = inject(Account);
  private readonly router = inject(Router);
  readonly carts = inject(CartService);
  readonly shop = inject(Shop);

  readonly form = inject(NonNullableFormBuilder).group({
    address: inject(NonNullableFormBuilder).group({
      full_name: "",
      line1: "",
      line2: "",
      postal_code: "",
      city: "",
      region: "",
      country: "",
      phone: "",
    }),
    delivery: "",
  });
  readonly address = this.form.controls.address.controls;
  private readonly delivery = this.form.controls.delivery;
  readonly countries = computed((): Option[] => [
    ["", "Choose a country"],
    ...(this.shop.config()?.countries ?? []).map(({ code, name }): Option => [code, name]),
  ]);
  readonly ways = signal<DeliveryOption[]>([]);
  readonly quote = signal<Quote | null>(null);

  private readonly answered = answer(() => "", () => this.begin().then(() => true));
  readonly trouble = this.answered.error;
  readonly again = this.answered.again;

  private readonly intention = new Intention();
  readonly sending = new Sending((field) => field.replace("address.", ""));
  readonly problems = this.sending.problems;
  readonly moved = signal("");
  private readonly slip = viewChild<ElementRef<HTMLElement>>("slip");

  readonly lines = computed(() =>
    (this.carts.cart()?.lines ?? []).map(({ id, book, variant, quantity, total }) => ({
      id,
      cover: book.cover,
      title: book.title,
      detail: `${variant.name} × ${quantity}`,
      total,
    })),
  );
  readonly heading = computed(() => (this.quote()?.needs_delivery ? "Where shall we send it?" : "Whom is it for?"));

  constructor() {
    useTitle(() => (this.sending.hasProblems() ? `Error: ${this.heading()}` : this.heading()));
    inject(DestroyRef).onDestroy(() => { if (this.router.url !== "/cart") this.carts.changes.set([]); });
    this.delivery.valueChanges.pipe(takeUntilDestroyed()).subscribe(() => {
      this.price().catch((trouble: unknown) => { this.sending.error.set(refusalOf(trouble)); });
    });
  }

  private async begin(): Promise<void> {
    const [ways, { items }] = await Promise.all([
      this.api.get("/api/v1/delivery-options"),
      this.api.get("/api/v1/addresses"),
      this.carts.look(),
      this.account.recall(),
    ]);
    this.ways.set(ways.items);
    this.form.controls.address.patchValue(items[0] ?? { full_name: this.account.user()?.name });
    await this.price();
  }

  /** Ask what it costs, sent as it is chosen now; until a way is chosen, the API chooses. Tells whether anything is left to order. */
  private async price(): Promise<boolean> {
    const delivery = this.delivery.value;
    try {
      const costs = await this.api.get("/api/v1/quote", { query: { delivery } });
      this.carts.tell(costs.changes);
      if (delivery !== this.delivery.value) return true; // and that is asked for already
      this.quote.set(costs);
      if (!delivery) this.delivery.setValue(costs.delivery_code ?? "", { emitEvent: false });
      return true;
    } catch (trouble) {
      const refused = refusalOf(trouble);
      if (refused.code !== "empty_cart" && refused.code !== "cart_changed") throw refused;
      this.carts.tell(refused.lines);
      await this.router.navigateByUrl("/cart", { replaceUrl: true }); // there it is said why
      return false;
    }
  }

  cost({ price, free_from: free }: DeliveryOption, { subtotal }: Quote): string {
    return !price || (free !== null && subtotal >= free) ? "Free" : this.shop.price(price);
  }

  async place(): Promise<void> {
    await this.sending.send({}, async () => {
      const body = { ...this.form.getRawValue(), voucher: "", email: "", total: this.quote()?.total ?? 0 };
      const headers = { "Idempotency-Key": this.intention.keyFor(body) };
      try {
        const { number } = await this.api.post("/api/v1/orders", { headers, body });
        await this.router.navigate(["/checkout", number, "pay"]);
      } catch (trouble) {
        const refused = refusalOf(trouble);
        if (!["total_changed", "cart_changed", "empty_cart"].includes(refused.code)) throw refused;
        await this.showWhatChanged(refused, body.total);
      }
    });
  }

  /** Show what is different from what was agreed to, so that one can agree again. */
  private async showWhatChanged(refused: Refusal, agreed: number): Promise<void> {
    this.carts.tell(refused.lines);
    const [isLeft] = await Promise.all([this.price(), this.carts.look()]);
    if (!isLeft) return;
    const now = this.quote()?.total ?? 0;
    this.moved.set(now === agreed ? refused.message : `The total is now ${this.shop.price(now)}, it was ${this.shop.price(agreed)}.`);
    this.slip()?.nativeElement.focus();
    this.live.announce(this.moved());
  }
}
