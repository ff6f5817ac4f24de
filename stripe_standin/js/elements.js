// A group of elements that share one PaymentIntent, one look and one language.

const SECRET = /^pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/;
const REMOVED_OPTION = 'paymentMethodTypes';

// Releases before endive name the types so.
const withoutRemoved = (options) => {
  if (!options || !(REMOVED_OPTION in options)) return options;
  if (VERSION === 'endive') {
    fail('elements(): the `paymentMethodTypes` option is no longer supported. '
      + 'Use `allowedPaymentMethodTypes` instead.');
  }
  const { [REMOVED_OPTION]: types, ...rest } = options;
  return { ...rest, allowedPaymentMethodTypes: types };
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
  constructor(stripe, given) {
    const options = withoutRemoved(given);
    this.stripe = stripe;
    this.members = {};
    this.listeners = new Listeners();
    this.submitted = false;
    const { clientSecret, mode } = options;
    if (clientSecret !== undefined && mode !== undefined) {
      fail('elements(): pass either a `clientSecret` or a `mode`, not both.');
    }
    if (clientSecret !== undefined) checkSecret(clientSecret, 'elements(): clientSecret');
    if (mode !== undefined) checkDeferred(options);
    this.deferred = clientSecret === undefined;
    this.settings = plain(options, 'elements()');
    handle(this, ['create', 'getElement', 'update', 'fetchUpdates', 'submit', 'on', 'once', 'off']);
  }

  locale() {
    const chosen = this.settings.locale ?? this.stripe.options.locale ?? 'auto';
    return chosen === 'auto' ? navigator.language : chosen;
  }

  create(kind, options) {
    if (kind === 'payment' && this.deferred && !this.settings.mode) {
      fail('elements() needs a `clientSecret` or a `mode` before a Payment Element can be created.');
    }
    if (this.members[kind]) fail(`Can only create one Element of type ${kind}.`);
    const made = new Element(kind, options, this);
    this.members[kind] = made;
    return made.handle;
  }

  // Takes a kind, or a component of React that stands for one.
  getElement(kind) {
    return this.members[kind?.__elementType ?? kind]?.handle ?? null;
  }

  forget(element) {
    delete this.members[element.kind];
  }

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

  mounted(name = 'confirmPayment') {
    const element = this.members.payment;
    if (!element?.frame) fail(`Invalid value for ${name}(): elements should have a mounted Payment Element.`);
    return element.frame;
  }

  // What an Address Element and an e-mail field of this group hold, as a confirmation takes it.
  async details() {
    const email = (await this.members.linkAuthentication?.frame?.call('value'))?.email;
    const known = email ? { billing: { email } } : {};
    const element = this.members.address ?? this.members.shippingAddress;
    if (!element?.frame) return known;
    const { complete, value } = await element.frame.call('value');
    if (!complete) {
      const { error } = await element.frame.call('submit');
      return { error };
    }
    const { name, address, phone } = value;
    const person = { name, address, ...(phone && { phone }) };
    if (element.options.mode === 'billing') return { billing: { ...known.billing, ...person } };
    return { ...known, shipping: person };
  }

  async update(given) {
    const options = withoutRemoved(given);
    Object.assign(this.settings, plain(options, 'elements.update()'));
    await Promise.all(Object.values(this.members).map(async (element) => {
      if (!element.frame) return;
      await element.frame.call('update', { group: this.settings, locale: this.locale() });
      element.emit('update-end');
    }));
    this.listeners.tell('update-end');
  }

  async fetchUpdates() {
    return this.mounted('fetchUpdates').call('fetchUpdates');
  }

  async submit() {
    const answer = await this.mounted('submit').call('submit');
    if (answer.error) return answer;
    const { error } = await this.details();
    if (error) return { error };
    this.submitted = true;
    return answer;
  }
}
