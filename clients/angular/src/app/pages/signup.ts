import { Component, inject, input } from "@angular/core";
import { NonNullableFormBuilder, ReactiveFormsModule } from "@angular/forms";
import { Router, RouterLink } from "@angular/router";

import { Account } from "../account";
import { useTitle } from "../live";
import { pathAfter } from "../next";
import { BusyButton } from "../components/busy-button";
import { Field } from "../components/field";
import { Notice } from "../components/notice";
import { Wrongs } from "../components/wrongs";
import { Sending } from "../sending";

@Component({
  selector: "app-signup-page",
  imports: [BusyButton, Field, Notice, ReactiveFormsModule, RouterLink, Wrongs],
  host: { class: "page" },
  template: `
    <div class="narrow">
      <header>
        <h1 class="title">Make an account</h1>
        <p>An e-mail address and a password. Your cart comes with you.</p>
      </header>
      <div>
        <form [formGroup]="form" novalidate (ngSubmit)="enter()">
          @if (sending.hasProblems()) { <div [appWrongs]="sending.problems()"></div> }
          @if (sending.trouble(); as words) { <div role="alert"><app-notice kind="bad" [text]="words" /></div> }
          <div [appField]="form.controls.email" name="email" label="E-mail" type="email" autocomplete="email" hint="We send the confirmations of your orders there." [problem]="sending.problems()['email']"></div>
          <div [appField]="form.controls.password" name="password" label="Password" type="password" autocomplete="new-password" [problem]="sending.problems()['password']"></div>
          <p class="actions"><button appBusy="One moment…" class="full" [isBusy]="sending.isSending()">Make an account</button></p>
        </form>
        <section class="instead">
          <p>Have you been here before?</p>
          <p class="actions"><a class="button second full" routerLink="/login" queryParamsHandling="preserve">Log in</a></p>
        </section>
      </div>
    </div>
  `,
})
export class SignupPage {
  private readonly account = inject(Account);
  private readonly router = inject(Router);
  /** Where to go afterwards: from the address. */
  readonly next = input<string>();

  readonly form = inject(NonNullableFormBuilder).group({ email: "", password: "" });
  readonly sending = new Sending();

  constructor() {
    useTitle(() => (this.sending.hasProblems() ? "Error: Make an account" : "Make an account"));
  }

  async enter(): Promise<void> {
    const { email, password } = this.form.getRawValue();
    const missing: Record<string, string> = {};
    if (!email.trim()) missing["email"] = "Enter your e-mail address";
    if (!password) missing["password"] = "Choose a password";
    await this.sending.send(missing, async () => {
      await this.account.signUp(email.trim(), password);
      await this.router.navigateByUrl(pathAfter(this.next()), { replaceUrl: true });
    });
  }
}
