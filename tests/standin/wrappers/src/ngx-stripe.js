// ngx-stripe, with Angular compiled in the browser so that the page needs no build of its own kind.

import '@angular/compiler';
import { Component, provideZonelessChangeDetection, ViewChild } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { injectStripe, provideNgxStripe, StripeElementsDirective, StripePaymentElementComponent } from 'ngx-stripe';
import { KEY, secret, show } from './result.js';

class Page {
  stripe = injectStripe(KEY);

  elementsOptions = { clientSecret: secret, locale: 'en' };

  element = null;

  pay() {
    this.stripe.confirmPayment({ elements: this.element.elements, redirect: 'if_required' }).subscribe(show);
  }
}
ViewChild(StripePaymentElementComponent)(Page.prototype, 'element');

const Root = Component({
  selector: '#root',
  imports: [StripeElementsDirective, StripePaymentElementComponent],
  template: `<ngx-stripe-elements [stripe]="stripe" [elementsOptions]="elementsOptions"><ngx-stripe-payment /></ngx-stripe-elements>
    <button id="pay" (click)="pay()">Pay</button>`,
})(Page) ?? Page;

bootstrapApplication(Root, { providers: [provideZonelessChangeDetection(), provideNgxStripe(KEY)] });
