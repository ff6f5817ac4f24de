// The elements there are: the frame each lives in, and its title, by which Stripe's own can be found too.

const METHODS = ['mount', 'unmount', 'destroy', 'update', 'on', 'once', 'off', 'focus', 'blur', 'clear'];
const CARD_KINDS = ['card', 'cardNumber', 'cardExpiry', 'cardCvc'];
const KINDS = {
  payment: { page: 'payment', title: 'Secure payment input frame', more: ['collapse'] },
  address: { page: 'address', title: 'Secure address input frame', more: ['getValue'] },
  shippingAddress: { page: 'address', title: 'Secure address input frame', more: ['getValue'], options: { mode: 'shipping' } },
  linkAuthentication: { page: 'email', title: 'Secure email input frame' },
  expressCheckout: { more: ['paymentFailed'] },
  card: { page: 'card', title: 'Secure card payment input frame' },
  cardNumber: { page: 'card', title: 'Secure card number input frame' },
  cardExpiry: { page: 'card', title: 'Secure expiration date input frame' },
  cardCvc: { page: 'card', title: 'Secure CVC input frame' },
  iban: { page: 'card', title: 'Secure IBAN input frame' },
};
const NOT_HERE = [
  'auBankAccount', 'contactDetails', 'currencySelector', 'linkSignup', 'paymentForm', 'paymentMethodMessaging', 'taxId',
  'terms', 'issuingCardNumberDisplay', 'issuingCardCvcDisplay', 'issuingCardExpiryDisplay', 'issuingCardPinDisplay',
  'issuingCardCopyButton',
];

const checkKind = (kind, options) => {
  if (kind === 'paymentRequestButton') {
    fail('The Payment Request Button Element is no longer supported. Use the Express Checkout Element instead.');
  }
  if (NOT_HERE.includes(kind)) fail(`The ${kind} Element is not offered by this test stand-in for Stripe.`);
  if (!Object.hasOwn(KINDS, kind)) {
    fail(`A valid Element name must be provided. Valid Elements are: ${Object.keys(KINDS).join(', ')}; `
      + `you passed: ${kind}.`);
  }
  if (kind === 'address' && !['shipping', 'billing'].includes(options?.mode)) {
    fail("elements.create('address'): mode should be 'shipping' or 'billing'.");
  }
};
