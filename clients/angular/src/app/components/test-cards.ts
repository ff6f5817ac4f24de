import { Component } from "@angular/core";

/** What pays with test keys, and what does not: https://docs.stripe.com/testing */
@Component({
  selector: "app-test-cards",
  template: `
    <details class="fold">
      <summary>Other test cards</summary>
      <p class="small muted">Any date to come and any security code will do.</p>
      <dl class="leaders small">
        <div><dt class="number">4000 0000 0000 0002</dt><dd>is declined</dd></div>
        <div><dt class="number">4000 0000 0000 9995</dt><dd>has not enough money</dd></div>
        <div><dt class="number">4000 0000 0000 0069</dt><dd>is out of date</dd></div>
        <div><dt class="number">4000 0027 6000 3184</dt><dd>asks if it is you</dd></div>
      </dl>
    </details>
  `,
})
export class TestCards {}
