// The rest of what Stripe documents on `Stripe(…)`.

const ABSENT = [
  'confirmAcssDebitPayment', 'confirmAffirmPayment', 'confirmAfterpayClearpayPayment', 'confirmAlipayPayment',
  'confirmAuBecsDebitPayment', 'confirmBilliePayment', 'confirmBlikPayment', 'confirmBoletoPayment',
  'confirmCashappPayment', 'confirmCustomerBalancePayment', 'confirmFpxPayment', 'confirmGiropayPayment',
  'confirmGrabPayPayment', 'confirmKonbiniPayment', 'confirmMobilepayPayment', 'confirmMultibancoPayment',
  'confirmOxxoPayment', 'confirmPayByBankPayment', 'confirmPayNowPayment', 'confirmPixPayment',
  'confirmPromptPayPayment', 'confirmSofortPayment', 'confirmTwintPayment', 'confirmUsBankAccountPayment',
  'confirmWechatPayPayment', 'verifyMicrodepositsForPayment', 'collectBankAccountForPayment',
  'confirmSetup', 'confirmAcssDebitSetup', 'confirmAmazonPaySetup', 'confirmAuBecsDebitSetup', 'confirmBacsDebitSetup',
  'confirmBancontactSetup', 'confirmBlikSetup', 'confirmCardSetup', 'confirmCashappSetup', 'confirmIdealSetup',
  'confirmPayPalSetup', 'confirmSepaDebitSetup', 'confirmSofortSetup', 'confirmUsBankAccountSetup',
  'collectBankAccountForSetup', 'retrieveSetupIntent', 'verifyMicrodepositsForSetup',
  'processOrder', 'retrieveOrder', 'createRadarSession', 'verifyIdentity', 'collectFinancialConnectionsAccounts',
  'collectBankAccountToken', 'createEphemeralKeyNonce', 'initCheckout', 'initCheckoutElementsSdk', 'initCheckoutFormSdk',
  'initEmbeddedCheckout', 'createEmbeddedCheckoutPage', 'initializePricing', 'redirectToCheckout',
];

// The old way to wallets: an object that truly says there are none.
class PaymentRequest {
  constructor(options) {
    this.options = options;
    this.listeners = new Listeners();
    handle(this, ['canMakePayment', 'show', 'update', 'on', 'once', 'off', 'abort', 'isShowing']);
  }

  async canMakePayment() { return null; }

  show() { fail('show() must be called after canMakePayment() found a wallet, and here there is none.'); }

  update(options) { Object.assign(this.options, plain(options, 'paymentRequest.update()')); }

  on(name, handler) {
    this.listeners.add(name, handler);
    return this;
  }

  once(name, handler) {
    this.listeners.addOnce(name, handler);
    return this;
  }

  off(name, handler) {
    this.listeners.remove(name, handler);
    return this;
  }

  abort() {}

  isShowing() { return false; }
}

const paymentRequest = (options) => {
  const { country, currency, total } = options ?? {};
  if (!country || !currency || !total) fail('paymentRequest(): country, currency and total are required.');
  return new PaymentRequest(plain(options, 'paymentRequest()')).handle;
};
