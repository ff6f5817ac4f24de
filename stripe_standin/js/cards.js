// What pages call that hold the fields of a card themselves: the Card Element, its parts, and the IBAN field.

// The payment methods that a call of its own confirms, by the call's name.
const CONFIRMED = {
  confirmBancontactPayment: 'bancontact', confirmCardPayment: 'card', confirmEpsPayment: 'eps',
  confirmIdealPayment: 'ideal', confirmKlarnaPayment: 'klarna', confirmP24Payment: 'p24',
  confirmPayPalPayment: 'paypal', confirmSepaDebitPayment: 'sepa_debit',
};
const CONFIRMATIONS = Object.keys(CONFIRMED);

// Returns the mounted field behind what a page passes as `card` or `sepa_debit`, null for plain data.
const fieldOf = (given, name) => {
  const element = behind(given, Element);
  if (!element) return null;
  if (!element.isField) {
    fail(`Invalid value for ${name}(): the ${element.kind} Element holds no card.`);
  }
  if (!element.frame) {
    fail('We could not retrieve data from the specified Element. Please make sure the Element you are attempting to '
      + 'use is still mounted.');
  }
  return element;
};

// The frames of a group's other fields, once they have loaded: the number's frame reads date and code there.
const neighbours = async (element) => {
  const others = Object.entries(element.group.members).filter(([kind, one]) => CARD_KINDS.includes(kind) && one.frame);
  await Promise.all(others.map(([, one]) => one.frame.call('here')));
  return Object.fromEntries(others.map(([kind, one]) => [kind, one.frame.node.name]));
};

// Takes the element out of a payment method's data: { element, data }.
const parted = (type, given, name) => {
  if (typeof given === 'string') return { element: null, data: { payment_method: given } };
  const { [type]: held, ...rest } = given ?? {};
  const element = fieldOf(held, name);
  const own = element || held === undefined ? {} : { [type]: plain(held, name) };
  return { element, data: given && { payment_method_data: { type, ...plain(rest, name), ...own } } };
};

const confirmation = (type, name) => async function confirm(clientSecret, given, options) {
  checkSecret(clientSecret, `stripe.${name} intent secret`);
  const { payment_method: method, ...rest } = given ?? {};
  const { element, data } = parted(type, method, name);
  const params = { return_url: window.location.href, ...plain(rest, name), ...data };
  return this.alone(async () => {
    const call = { params, clientSecret, neighbours: element && await neighbours(element), key: this.key };
    const answer = element ? await element.frame.call('confirm', call) : await this.post(clientSecret, params);
    if (options?.handleActions === false) return answer;
    return this.leave(await this.follow(answer), params.return_url, 'if_required');
  });
};

const cardMethods = Object.fromEntries(CONFIRMATIONS.map((name) => [name, confirmation(CONFIRMED[name], name)]));

// Called as (data), as ({ elements, params }) with a Payment Element, or in the old way as (type, element, data).
cardMethods.createPaymentMethod = async function createPaymentMethod(first, second, third) {
  const name = 'createPaymentMethod';
  if (first?.elements) {
    const group = this.groupOf(first.elements, name);
    const all = await this.withDetails(group, { payment_method_data: plain(first.params, name) });
    return all.error ? all : group.mounted(name).call('method', { params: all.payment_method_data });
  }
  const isOld = typeof first === 'string';
  const { type, ...given } = isOld ? { type: first, ...(third ?? {}), [first]: second } : first ?? {};
  if (typeof type !== 'string') fail('Invalid value for createPaymentMethod(): type should be a string.');
  const { element, data } = parted(type, given, name);
  if (element) {
    const call = { params: data.payment_method_data, neighbours: await neighbours(element) };
    return element.frame.call('method', call);
  }
  const { body, error } = await remote.post('/v1/payment_methods', { ...data.payment_method_data, key: this.key });
  return error ? { error } : { paymentMethod: body };
};

cardMethods.createToken = async function createToken(given, data) {
  const element = fieldOf(given, 'createToken');
  if (!element || !CARD_KINDS.includes(element.kind)) {
    fail('createToken() takes the Card Element or one of its parts here; the stand-in makes no other tokens.');
  }
  return element.frame.call('token', { params: plain(data, 'createToken'), neighbours: await neighbours(element) });
};
