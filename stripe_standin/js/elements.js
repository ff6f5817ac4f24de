// A group of elements that share one PaymentIntent, one look and one language.

const SECRET = /^pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/;
const REMOVED_OPTION = 'paymentMethodTypes';

const refuseRemoved = (options) => {
  if (options && REMOVED_OPTION in options) {
    fail('elements(): the `paymentMethodTypes` option is no longer supported. '
      + 'Use `allowedPaymentMethodTypes` instead.');
  }
};

const checkSecret = (clientSecret, name) => {
  if (typeof clientSecret !== 'string' || !SECRET.test(clientSecret)) {
    fail(`Invalid value for ${name}: value should be a client secret of the form \${id}_secret_\${secret}.`);
  }
};

const checkDeferred = ({ mode, amount, currency }) => {
  if (mode !== 'payment') fail("Invalid value for elements(): mode should be 'payment'; the stand-in knows no other.");
  if (!Number.isInteger(amount) || amount < 1) {
    fail('Invalid value for elements(): amount should be a positive integer in the smallest currency unit.');
  }
  if (typeof currency !== 'string' || !/^[a-z]{3}$/.test(currency)) {
    fail('Invalid value for elements(): currency should be a three-letter code in lower case.');
  }
};

class Elements {
  constructor(stripe, options) {
    this.stripe = stripe;
    this.members = {};
    this.submitted = false;
    refuseRemoved(options);
    const { clientSecret, mode } = options;
    if (clientSecret !== undefined && mode !== undefined) {
      fail('elements(): pass either a `clientSecret` or a `mode`, not both.');
    }
    if (clientSecret !== undefined) checkSecret(clientSecret, 'elements(): clientSecret');
    if (mode !== undefined) checkDeferred(options);
    this.deferred = clientSecret === undefined;
    this.settings = plain(options, 'elements()');
  }

  locale() {
    const chosen = this.settings.locale ?? this.stripe.options.locale ?? 'auto';
    return chosen === 'auto' ? navigator.language : chosen;
  }

  create(kind, options) {
    if (kind === 'paymentRequestButton') {
      fail('The Payment Request Button Element is no longer supported. Use the Express Checkout Element instead.');
    }
    if (kind === 'payment' && this.deferred && !this.settings.mode) {
      fail('elements() needs a `clientSecret` or a `mode` before a Payment Element can be created.');
    }
    if (!(kind in EVENTS)) {
      fail(`A valid Element name must be provided. Valid Elements here are: ${Object.keys(EVENTS).join(', ')}; `
        + `you passed: ${kind}.`);
    }
    if (this.members[kind]) fail(`Can only create one Element of type ${kind}.`);
    this.members[kind] = new Element(kind, options, this);
    return this.members[kind];
  }

  getElement(kind) {
    return this.members[kind] ?? null;
  }

  forget(element) {
    delete this.members[element.kind];
  }

  mounted(name = 'confirmPayment') {
    const element = this.members.payment;
    if (!element?.frame) fail(`Invalid value for ${name}(): elements should have a mounted Payment Element.`);
    return element.frame;
  }

  // The address that an Address Element of this group holds, as a confirmation takes it.
  async address() {
    const element = this.members.address;
    if (!element?.frame) return {};
    const { complete, value } = await element.frame.call('value');
    if (!complete) {
      const { error } = await element.frame.call('submit');
      return { error };
    }
    const { name, address, phone } = value;
    const person = { name, address, ...(phone && { phone }) };
    return element.options.mode === 'billing' ? { billing: person } : { shipping: person };
  }

  async update(options) {
    refuseRemoved(options);
    Object.assign(this.settings, plain(options, 'elements.update()'));
    await Promise.all(Object.values(this.members).map(async (element) => {
      if (!element.frame) return;
      await element.frame.call('update', { group: this.settings, locale: this.locale() });
      element.emit('update-end');
    }));
  }

  async fetchUpdates() {
    return this.mounted('fetchUpdates').call('fetchUpdates');
  }

  async submit() {
    const answer = await this.mounted('submit').call('submit');
    if (answer.error) return answer;
    const { error } = await this.address();
    if (error) return { error };
    this.submitted = true;
    return answer;
  }
}
