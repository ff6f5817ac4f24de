// A group of elements that share one PaymentIntent, one look and one language.

const SECRET = /^pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/;
const REMOVED_OPTION = 'paymentMethodTypes';

const refuseRemoved = (options) => {
  if (options && REMOVED_OPTION in options) {
    fail('elements(): the `paymentMethodTypes` option is no longer supported. '
      + 'Use `allowedPaymentMethodTypes` instead.');
  }
};

class Elements {
  constructor(stripe, options) {
    this.stripe = stripe;
    this.members = {};
    refuseRemoved(options);
    const { clientSecret } = options;
    if (clientSecret === undefined) fail('elements() needs a `clientSecret`.');
    if (typeof clientSecret !== 'string' || !SECRET.test(clientSecret)) {
      fail('Invalid value for elements(): clientSecret should be a client secret of the form ${id}_secret_${secret}.');
    }
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
    if (!(kind in TITLES) || !(kind in EVENTS)) {
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

  mounted() {
    const element = this.members.payment;
    if (!element?.frame) {
      fail('Invalid value for confirmPayment(): elements should have a mounted Payment Element.');
    }
    return element.frame;
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
    return this.mounted().call('fetchUpdates');
  }

  async submit() {
    return this.mounted().call('submit');
  }
}
