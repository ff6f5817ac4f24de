import { Component, computed, inject, input } from "@angular/core";
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
  selector: "app-login-page",
  imports: [BusyButton, Field, Notice, ReactiveFormsModule, RouterLink, Wrongs],
  host: { class: "page" },
  template: `
    <div class="narrow">
      <header>
        <h1 class="title">Log in</h1>
        <p>Your cart comes with you.</p>
      </header>
      <div>
        @if (over()) { <app-notice kind="warn" text="Your session is over. Log in again to go on." /> }
        <form [formGroup]="form" novalidate (ngSubmit)="enter()">
          @if (hasWrongs()) { <div [appWrongs]="wrongs()" [title]="isMismatch() ? 'That did not match' : ''"></div> }
          @if (!isMismatch() && sending.trouble(); as words) { <div role="alert"><app-notice kind="bad" [text]="words" /></div> }
          <div [appField]="form.controls.email" name="email" label="E-mail" type="email" autocomplete="email" [problem]="sending.problems()['email']"></div>
          <div [appField]="form.controls.password" name="password" label="Password" type="password" autocomplete="current-password" [problem]="sending.problems()['password']"></div>
          <p class="actions"><button appBusy="Logging in…" class="full" [isBusy]="sending.isSending()">Log in</button></p>
        </form>
        <section class="instead">
          <p>New here?</p>
          <p class="actions"><a class="button second full" routerLink="/signup" queryParamsHandling="preserve">Make an account</a></p>
        </section>
      </div>
    </div>
  `,
})
export class LoginPage {
  private readonly account = inject(Account);
  private readonly router = inject(Router);
  /** Where to go afterwards, and whether a session has just ended: from the address. */
  readonly next = input<string>();
  readonly over = input<string>();

  readonly form = inject(NonNullableFormBuilder).group({ email: "", password: "" });
  readonly sending = new Sending();
  // "Who are you" is wrong as a whole: no field is to blame, and none is told apart from the other.
  readonly isMismatch = computed(() => this.sending.error()?.code === "email_password_mismatch");
  readonly wrongs = computed(() => (this.isMismatch() ? { "": "Check the e-mail address and the password" } : this.sending.problems()));
  readonly hasWrongs = computed(() => Object.keys(this.wrongs()).length > 0);

  constructor() {
    useTitle(() => (this.hasWrongs() ? "Error: Log in" : "Log in"));
  }

  async enter(): Promise<void> {
    const { email, password } = this.form.getRawValue();
    const missing: Record<string, string> = {};
    if (!email.trim()) missing["email"] = "Enter your e-mail address";
    if (!password) missing["password"] = "Enter your password";
    await this.sending.send(missing, async () => {
      await this.account.logIn(email.trim(), password);
      await this.router.navigateByUrl(pathAfter(this.next()), { replaceUrl: true });
    });
  }
}
