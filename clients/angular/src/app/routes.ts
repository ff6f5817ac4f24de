/* The pages. Their addresses are the shop's own, without the last slash. */
import { inject } from "@angular/core";
import { type CanActivateFn, Router, type Routes } from "@angular/router";

import { Account } from "./account";
import { AccountPage } from "./pages/account";
import { CartPage } from "./pages/cart";
import { CheckoutPage } from "./pages/checkout";
import { LoginPage } from "./pages/login";
import { NotFoundPage } from "./pages/not-found";
import { OrderPage } from "./pages/order";
import { OrdersPage } from "./pages/orders";
import { PayPage } from "./pages/pay";
import { ProductPage } from "./pages/product";
import { ProductsPage } from "./pages/products";
import { SignupPage } from "./pages/signup";
import { StatusPage } from "./pages/status";

/** Checkout and payment show only the shop's name and this way back. */
export interface Back {
  to: string;
  words: string;
}

/** Only for who is logged in; others are asked to log in, and come back: to the path, as Stripe's return carries a secret. */
const personal: CanActivateFn = (_route, { url }) =>
  inject(Account).isLoggedIn() || inject(Router).createUrlTree(["/login"], { queryParams: { next: url.split("?")[0] } });

const back: Back = { to: "/cart", words: "Back to the cart" };

export const routes: Routes = [
  { path: "", pathMatch: "full", redirectTo: "products" },
  { path: "products", component: ProductsPage },
  { path: "products/:slug", component: ProductPage },
  { path: "cart", component: CartPage },
  { path: "login", component: LoginPage },
  { path: "signup", component: SignupPage },
  { path: "checkout", component: CheckoutPage, canActivate: [personal], data: { back } },
  { path: "checkout/:number/pay", component: PayPage, canActivate: [personal], data: { back } },
  { path: "checkout/:number/status", component: StatusPage, canActivate: [personal] },
  { path: "account", component: AccountPage, canActivate: [personal] },
  { path: "orders", component: OrdersPage, canActivate: [personal] },
  { path: "orders/:number", component: OrderPage, canActivate: [personal] },
  { path: "**", component: NotFoundPage },
];
