// window.Stripe: what a page calls.

const SETTLED = ['succeeded', 'processing', 'requires_capture'];
const RETURNED = { succeeded: 'succeeded', requires_capture: 'succeeded', processing: 'pending' };
const remote = client(ORIGIN);

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

const checkReturn = (address) => {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    fail(`Invalid value for confirmPayment(): return_url should be an absolute address, not "${address}".`);
  }
  if (!['http:', 'https:'].includes(url.protocol)) {
    fail('Invalid value for confirmPayment(): return_url should begin with http:// or https://.');
  }
};

const checkRedirect = (redirect, address) => {
  if (!['always', 'if_required'].includes(redirect)) {
    fail(`Invalid value for confirmPayment(): redirect should be 'always' or 'if_required'.`);
  }
  if (redirect === 'always' && !address) {
    fail('confirmPayment(): the `confirmParams.return_url` argument is required when using automatic redirects.');
  }
  if (address) checkReturn(address);
};

class StripeInstance {
  constructor(key, options) {
    checkKey(key);
    this.key = key;
    this.options = plain(options, 'Stripe()');
    this.confirming = false;
    handle(this, ['elements', 'confirmPayment', 'createConfirmationToken', 'retrievePaymentIntent', 'handleNextAction',
      'createToken', 'createPaymentMethod', 'paymentRequest', 'registerAppInfo', '_registerWrapper', ...CONFIRMATIONS]);
    Object.assign(this.handle, notOffered(ABSENT, 'stripe'));
    this.handle.handleCardAction = (clientSecret) => this.handleNextAction({ clientSecret });
  }

  elements(options) {
    return new Elements(this, options ?? {}).handle;
  }

  // What wrappers call to introduce themselves; nobody is told.
  registerAppInfo() {}

  _registerWrapper() {}

  // A group of elements as the page passes it.
  groupOf(given, name) {
    return behind(given, Elements)
      ?? fail(`Invalid value for ${name}(): elements should be the object that stripe.elements() returned.`);
  }

  async confirmPayment(given) {
    const { clientSecret, redirect = 'always', confirmParams = {} } = given ?? {};
    const elements = given?.elements === undefined && clientSecret !== undefined
      ? null : this.groupOf(given?.elements, 'confirmPayment');
    checkRedirect(redirect, confirmParams?.return_url);
    const params = plain(confirmParams, 'confirmParams');
    if (!elements) {
      checkSecret(clientSecret, 'confirmPayment(): clientSecret');
      return this.alone(() => this.confirmWithout(clientSecret, params, redirect));
    }
    const frame = elements.mounted();
    if (elements.deferred) {
      checkSecret(clientSecret, 'confirmPayment(): clientSecret');
      if (!elements.submitted) fail('elements.submit() must be called before stripe.confirmPayment().');
    }
    return this.alone(async () => {
      const all = await this.withDetails(elements, params);
      if (all.error) return all;
      const answer = await frame.call('confirm', { params: all, clientSecret });
      const settled = await this.follow(answer, (secret) => frame.call('retrieve', { clientSecret: secret }));
      return this.leave(settled, params.return_url, redirect);
    });
  }

  // A payment method that the page has already, and no element.
  async confirmWithout(clientSecret, params, redirect) {
    const answer = await this.post(clientSecret, params);
    return this.leave(await this.follow(answer), params.return_url, redirect);
  }

  async post(clientSecret, params) {
    const { body, error } = await remote.post(`/v1/payment_intents/${clientSecret.split('_secret_')[0]}/confirm`, {
      return_url: window.location.href, ...params, key: this.key, client_secret: clientSecret, use_stripe_sdk: true,
    });
    return error ? { error } : { paymentIntent: body };
  }

  // One confirmation at a time.
  async alone(work) {
    if (this.confirming) {
      return { error: { type: 'invalid_request_error', code: 'lock_timeout',
        message: 'confirmPayment was called while an earlier call was still in progress.' } };
    }
    this.confirming = true;
    try {
      return await work();
    } finally {
      this.confirming = false;
    }
  }

  // Adds what an Address Element or an e-mail field holds; what the page gives itself comes first.
  async withDetails(elements, params) {
    const { error, shipping, billing } = await elements.details();
    if (error) return { error };
    const added = shipping ? { shipping, ...params } : params;
    if (!billing) return added;
    const details = { ...billing, ...params.payment_method_data?.billing_details };
    return { ...added, payment_method_data: { ...params.payment_method_data, billing_details: details } };
  }

  async createConfirmationToken(given) {
    const elements = this.groupOf(given?.elements, 'createConfirmationToken');
    const frame = elements.mounted('createConfirmationToken');
    if (elements.deferred && !elements.submitted) {
      fail('elements.submit() must be called before stripe.createConfirmationToken().');
    }
    const all = await this.withDetails(elements, plain(given.params, 'params'));
    return all.error ? all : frame.call('token', { params: all });
  }

  // Does what `next_action` asks, then looks at the intent again.
  async follow(answer, retrieve = (secret) => this.retrievePaymentIntent(secret)) {
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
    // Who has a slip to pay by has done what can be done here.
    const isOver = SETTLED.includes(intent?.status) || intent?.next_action?.type.endsWith('_display_details');
    if (!isOver || redirect === 'if_required') return answer;
    const url = new URL(address);
    url.searchParams.set('payment_intent', intent.id);
    url.searchParams.set('payment_intent_client_secret', intent.client_secret);
    url.searchParams.set('redirect_status', RETURNED[intent.status] ?? 'pending');
    window.location.assign(url.href);
    return never;
  }

  async retrievePaymentIntent(clientSecret) {
    checkSecret(clientSecret, 'stripe.retrievePaymentIntent intent secret');
    const { body, error } = await remote.get(`/v1/payment_intents/${clientSecret.split('_secret_')[0]}`,
      { key: this.key, client_secret: clientSecret });
    return error ? { error } : { paymentIntent: body };
  }

  async handleNextAction(given) {
    checkSecret(given?.clientSecret, 'stripe.handleNextAction');
    const answer = await this.follow(await this.retrievePaymentIntent(given.clientSecret));
    return this.leave(answer, null, 'if_required');
  }
}

Object.assign(StripeInstance.prototype, cardMethods, { paymentRequest });

window.Stripe = Object.assign(
  function Stripe(key, options) { return new StripeInstance(key, options).handle; },
  { version: VERSION, standin: true },
);
