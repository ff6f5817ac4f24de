import { Component, inject } from "@angular/core";
import { Router, RouterLink } from "@angular/router";

import { Account } from "../account";
import { useTitle } from "../live";

@Component({
  selector: "app-account-page",
  imports: [RouterLink],
  host: { class: "page" },
  template: `
    <div class="stack">
      <h1 class="title">Your account</h1>
      @if (account.user(); as user) { <p>You are logged in as {{ user.email }}.</p> }
      <ul class="places">
        <li><a routerLink="/orders">Your orders</a></li>
        <li><a routerLink="/cart">Your cart</a></li>
      </ul>
      <p class="actions"><button class="button second" type="button" (click)="leave()">Log out</button></p>
    </div>
  `,
})
export class AccountPage {
  private readonly router = inject(Router);
  readonly account = inject(Account);

  constructor() {
    useTitle(() => "Your account");
  }

  async leave(): Promise<void> {
    await this.account.logOut();
    await this.router.navigateByUrl("/products");
  }
}
