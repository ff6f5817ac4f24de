/* The pages. Their addresses are the shop's own, without the last slash. */
import { createRouter, createWebHistory } from "vue-router";

import { isLoggedIn } from "./account";
import AccountPage from "./pages/AccountPage.vue";
import CartPage from "./pages/CartPage.vue";
import CheckoutPage from "./pages/CheckoutPage.vue";
import LoginPage from "./pages/LoginPage.vue";
import NotFoundPage from "./pages/NotFoundPage.vue";
import OrderPage from "./pages/OrderPage.vue";
import OrdersPage from "./pages/OrdersPage.vue";
import PayPage from "./pages/PayPage.vue";
import ProductPage from "./pages/ProductPage.vue";
import ProductsPage from "./pages/ProductsPage.vue";
import SignupPage from "./pages/SignupPage.vue";
import StatusPage from "./pages/StatusPage.vue";

declare module "vue-router" {
  interface RouteMeta {
    /** Only for who is logged in; others are asked to log in, and come back. */
    personal?: boolean;
    /** Checkout and payment show only the shop's name and this way back. */
    back?: { to: string; words: string };
  }
}

const backToCart = { to: "/cart", words: "Back to the cart" };

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/products" },
    { path: "/products", component: ProductsPage },
    { path: "/products/:slug", component: ProductPage, props: true },
    { path: "/cart", component: CartPage },
    { path: "/login", component: LoginPage },
    { path: "/signup", component: SignupPage },
    { path: "/checkout", component: CheckoutPage, meta: { personal: true, back: backToCart } },
    {
      path: "/checkout/:number/pay",
      component: PayPage,
      props: true,
      meta: { personal: true, back: backToCart },
    },
    { path: "/checkout/:number/status", component: StatusPage, props: true, meta: { personal: true } },
    { path: "/account", component: AccountPage, meta: { personal: true } },
    { path: "/orders", component: OrdersPage, meta: { personal: true } },
    { path: "/orders/:number", component: OrderPage, props: true, meta: { personal: true } },
    { path: "/:rest(.*)*", component: NotFoundPage },
  ],
  scrollBehavior: (to, _from, saved) => saved ?? (to.hash ? { el: to.hash } : { top: 0 }),
});

router.beforeEach((to) => {
  if (to.meta.personal && !isLoggedIn.value) return { path: "/login", query: { next: to.path } };
});
