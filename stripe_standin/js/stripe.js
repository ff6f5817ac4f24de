// window.Stripe, the part of Stripe.js that a shop calls.

const SETTLED = ['succeeded', 'processing', 'requires_capture'];
const RETURNED = { succeeded: 'succeeded', requires_capture: 'succeeded', processing: 'pending' };

const checkKey = (key) => {
  if (typeof key !== 'string' || !key) {
    fail('Please call Stripe() with your publishable key. You used an empty string.');
  }
  if (key.startsWith('sk_') || key.startsWith('rk_')) {
    fail('You should not use your secret key with Stripe.js. Please pass a publishable key instead.');
  }
  if (!key.startsWith('pk_test_')) {
    fail('This is a test stand-in, not Stripe: it takes only keys that begin with pk_test_.');
  }
};

class StripeInstance {
  constructor(key, options = {}) {
    checkKey(key);
    this.key = key;
    this.options = options;
    this.confirming = false;
  }

  elements(options = {}) {
    return new Elements(this, options);
  }

  async confirmPayment(given = {}) {
    const { elements, clientSecret, confirmParams = {}, redirect = 'always' } = given;
    if (!(elements instanceof Elements)) {
      fail('Invalid value for confirmPayment(): elements should be the object that stripe.elements() returned.');
    }
    if (!['always', 'if_required'].includes(redirect)) {
      fail(`Invalid value for confirmPayment(): redirect should be 'always' or 'if_required'.`);
    }
    if (redirect === 'always' && !confirmParams.return_url) {
      fail('confirmPayment(): the `confirmParams.return_url` argument is required when using automatic redirects.');
    }
    if (confirmParams.return_url) this.checkReturn(confirmParams.return_url);
    const frame = elements.mounted();
    if (elements.deferred) {
      checkSecret(clientSecret, 'confirmPayment(): clientSecret');
      if (!elements.submitted) fail('elements.submit() must be called before stripe.confirmPayment().');
    }
    if (this.confirming) {
      return { error: { type: 'invalid_request_error', code: 'lock_timeout',
        message: 'confirmPayment was called while an earlier call was still in progress.' } };
    }
    this.confirming = true;
    try {
      const params = await this.withAddress(elements, plain(confirmParams, 'confirmParams'));
      if (params.error) return params;
      const answer = await frame.call('confirm', { params, clientSecret });
      const settled = await this.follow(answer, (secret) => frame.call('retrieve', { clientSecret: secret }));
      return await this.leave(settled, confirmParams.return_url, redirect);
    } finally {
      this.confirming = false;
    }
  }

  // Adds what an Address Element holds; what the page gives itself comes first.
  async withAddress(elements, params) {
    const { error, shipping, billing } = await elements.address();
    if (error) return { error };
    const added = shipping ? { shipping, ...params } : params;
    if (!billing) return added;
    const details = { ...billing, ...params.payment_method_data?.billing_details };
    return { ...added, payment_method_data: { ...params.payment_method_data, billing_details: details } };
  }

  async createConfirmationToken({ elements, params = {} } = {}) {
    if (!(elements instanceof Elements)) {
      fail('Invalid value for createConfirmationToken(): elements should be what stripe.elements() returned.');
    }
    const frame = elements.mounted('createConfirmationToken');
    if (elements.deferred && !elements.submitted) {
      fail('elements.submit() must be called before stripe.createConfirmationToken().');
    }
    const all = await this.withAddress(elements, plain(params, 'params'));
    return all.error ? all : frame.call('token', { params: all });
  }

  checkReturn(address) {
    let url = null;
    try {
      url = new URL(address);
    } catch {
      fail(`Invalid value for confirmPayment(): return_url should be an absolute address, not "${address}".`);
    }
    if (!['http:', 'https:'].includes(url.protocol)) {
      fail('Invalid value for confirmPayment(): return_url should begin with http:// or https://.');
    }
  }

  // Does what `next_action` asks, then looks at the intent again.
  async follow(answer, retrieve) {
    const intent = answer.paymentIntent;
    const action = intent?.next_action;
    if (!action || intent.status !== 'requires_action') return answer;
    if (action.type === 'redirect_to_url') return { away: action.redirect_to_url.url };
    if (action.type !== 'use_stripe_sdk') return answer;
    await openChallenge(action.use_stripe_sdk.stripe_js);
    const after = await retrieve(intent.client_secret);
    const failed = after.paymentIntent?.last_payment_error;
    if (!failed) return after;
    return { error: { ...failed, payment_intent: after.paymentIntent } };
  }

  // Ends a confirmation: leaves for another page, or hands the result to the caller.
  leave(answer, address, redirect) {
    const never = new Promise(() => {});
    if (answer.away) {
      window.location.assign(answer.away);
      return never;
    }
    const intent = answer.paymentIntent;
    if (!intent || redirect === 'if_required' || !SETTLED.includes(intent.status)) return answer;
    const url = new URL(address);
    url.searchParams.set('payment_intent', intent.id);
    url.searchParams.set('payment_intent_client_secret', intent.client_secret);
    url.searchParams.set('redirect_status', RETURNED[intent.status]);
    window.location.assign(url.href);
    return never;
  }

  async retrievePaymentIntent(clientSecret) {
    checkSecret(clientSecret, 'stripe.retrievePaymentIntent intent secret');
    const query = new URLSearchParams({ key: this.key, client_secret: clientSecret });
    try {
      const response = await fetch(`${ORIGIN}/v1/payment_intents/${clientSecret.split('_secret_')[0]}?${query}`);
      const body = await response.json();
      return response.ok ? { paymentIntent: body } : { error: body.error };
    } catch {
      return { error: { type: 'api_connection_error', message: 'We could not reach the payment service.' } };
    }
  }

  async handleNextAction({ clientSecret } = {}) {
    checkSecret(clientSecret, 'stripe.handleNextAction');
    const retrieve = (secret) => this.retrievePaymentIntent(secret);
    const answer = await this.follow(await retrieve(clientSecret), retrieve);
    return this.leave(answer, null, 'if_required');
  }
}

window.Stripe = Object.assign(
  function Stripe(key, options) { return new StripeInstance(key, options); },
  { version: VERSION, standin: true },
);
