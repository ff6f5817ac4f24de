import { Component, type ElementRef, inject, signal, viewChild } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { NavigationEnd, Router, RouterOutlet } from "@angular/router";
import { filter } from "rxjs";

import { Account } from "./account";
import { Api } from "./api";
import { CartService } from "./cart";
import { Live } from "./live";
import { Origin } from "./origin";
import { Footer } from "./components/footer";
import { Header } from "./components/header";
import { Notice } from "./components/notice";
import { Trouble } from "./components/trouble";
import { type Refusal, refusalOf } from "./refusal";
import type { Back } from "./routes";
import { Shop } from "./shop";

/** The frame of every page. */
@Component({
  selector: "app-root",
  imports: [Footer, Header, Notice, RouterOutlet, Trouble],
  template: `
    <a class="skip" href="#main" (click)="$event.preventDefault(); main.focus()">Skip to the content</a>
    @if (shop.config()) { <app-header [back]="back()" [path]="path()" /> }
    <main #main id="main" class="wrap" tabindex="-1">
      <div class="notices">@for (notice of cart.notices(); track notice) { <app-notice [text]="notice" /> }</div>
      @if (shop.config()) {
        <router-outlet />
      } @else if (trouble(); as error) {
        <div class="page"><app-trouble [error]="error" (again)="begin()" /></div>
      }
    </main>
    @if (shop.config()) { <app-footer /> }
    <p class="hidden" role="status">{{ live.spoken() }}</p>
  `,
})
export class App {
  private readonly account = inject(Account);
  private readonly api = inject(Api);
  private readonly origin = inject(Origin);
  private readonly router = inject(Router);
  readonly cart = inject(CartService);
  readonly live = inject(Live);
  readonly shop = inject(Shop);

  readonly back = signal<Back | undefined>(undefined);
  readonly path = signal("");
  readonly trouble = signal<Refusal | null>(null);
  private readonly main = viewChild.required<ElementRef<HTMLElement>>("main");

  constructor() {
    void this.begin();
    this.router.events
      .pipe(filter((event) => event instanceof NavigationEnd), takeUntilDestroyed())
      .subscribe(({ urlAfterRedirects }) => { this.arrive(urlAfterRedirects.split("?")[0] ?? ""); });
    this.api.sessionOver.pipe(takeUntilDestroyed()).subscribe(() => {
      if (this.isPersonal()) void this.router.navigate(["/login"], { queryParams: { next: this.path(), over: 1 } });
    });
  }

  async begin(): Promise<void> {
    this.trouble.set(null);
    try {
      await this.origin.find();
      await this.shop.meet();
    } catch (error) {
      this.trouble.set(refusalOf(error));
      return;
    }
    // These fill in the header. Each page works, and says so, where one of them fails.
    for (const part of [this.account.recall(), this.cart.look(), this.shop.listCategories()]) part.catch(() => undefined);
  }

  /** Another page is another document to a screen reader: it is named, and reading begins at its top. */
  private arrive(path: string): void {
    const before = this.path();
    this.back.set(this.router.routerState.snapshot.root.firstChild?.data["back"] as Back | undefined);
    this.path.set(path);
    if (!before || before === path) return;
    if (before !== "/login" && before !== "/signup") this.cart.notices.set([]);
    this.main().nativeElement.focus({ preventScroll: true });
    setTimeout(() => { this.live.announce(document.title); });
  }

  private isPersonal(): boolean {
    return Boolean(this.router.routerState.snapshot.root.firstChild?.routeConfig?.canActivate);
  }
}
