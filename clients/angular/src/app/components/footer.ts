import { Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";

import { Shop } from "../shop";

@Component({
  selector: "app-footer",
  imports: [RouterLink],
  template: `
    <footer class="footer wrap">
      <div class="oxford up" aria-hidden="true"></div>
      <div class="footer-columns">
        <div>
          <h2>Colophon</h2>
          <p>
            Books in the public domain, because people still read them. This storefront is static files in Angular; all it
            knows comes from the shop’s JSON API.
            @if (shop.config()?.test_mode) { This is a demonstration: no money moves in test mode. }
          </p>
        </div>
        <div>
          <h2>Buying</h2>
          <ul>
            <li><a routerLink="/products">All books</a></li>
            <li><a routerLink="/cart">Your cart</a></li>
            <li><a routerLink="/orders">Your orders</a></li>
          </ul>
        </div>
        <div>
          <h2>You</h2>
          <ul>
            <li><a routerLink="/account">Your account</a></li>
            <li><a routerLink="/login">Log in</a></li>
            <li><a routerLink="/signup">Make an account</a></li>
          </ul>
        </div>
      </div>
    </footer>
  `,
})
export class Footer {
  readonly shop = inject(Shop);
}
