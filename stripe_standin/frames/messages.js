// The element's words. Other languages fall back to English, which always has every word.

const ENGLISH = {
  note: 'Test stand-in. No money moves.',
  loading: 'Loading…',
  number: 'Card number',
  expiry: 'Expiration date',
  cvc: 'Security code',
  country: 'Country',
  zip: 'ZIP',
  incomplete_number: 'Your card number is incomplete.',
  incorrect_number: 'Your card number is invalid.',
  incomplete_expiry: "Your card's expiration date is incomplete.",
  invalid_expiry_month: "Your card's expiration month is invalid.",
  invalid_expiry_year: "Your card's expiration year is invalid.",
  invalid_expiry_year_past: "Your card's expiration year is in the past.",
  invalid_expiry_month_past: "Your card's expiration date is in the past.",
  incomplete_cvc: "Your card's security code is incomplete.",
  incomplete_zip: 'Your postal code is incomplete.',
  hint_cvc3: '3-digit code on back of card',
  hint_cvc4: '4-digit code on front of card',
  methods: 'Payment methods',
  saved: 'Saved',
  card: 'Card',
  bancontact: 'Bancontact',
  eps: 'EPS',
  ideal: 'iDEAL',
  klarna: 'Klarna',
  p24: 'Przelewy24',
  paypal: 'PayPal',
  sepa_debit: 'SEPA debit',
  name: 'Full name',
  email: 'Email',
  iban: 'IBAN',
  remove: 'Remove',
  save: 'Save payment details for future purchases',
  choose: 'Please select a payment method.',
  redirect: 'After this you go to a test page of the bank, and come back here.',
  mandate: 'With this IBAN you would allow the shop to collect the money from your account. Here no bank hears of it.',
  disagrees: 'The amount and currency of Elements and of the PaymentIntent are not the same.',
  incomplete_name: 'Your name is incomplete.',
  incomplete_email: 'Your email is incomplete.',
  invalid_email: 'Your email is invalid.',
  incomplete_iban: 'Your IBAN is incomplete.',
  invalid_iban: 'Your IBAN is invalid.',
  address_name: 'Full name',
  address_firstName: 'First name',
  address_lastName: 'Last name',
  address_country: 'Country or region',
  address_line1: 'Address line 1',
  address_line2: 'Address line 2 (optional)',
  address_city: 'City',
  address_postal_code: 'Postal code',
  address_state: 'State or province (optional)',
  address_phone: 'Phone number',
  incomplete_field: 'This field is incomplete.',
  po_box: 'This address may not be a PO box.',
  failed_to_load: 'This form could not be loaded.',
};

const BY_LOCALE = { 'en-GB': { expiry: 'Expiry date' } };

let words = ENGLISH;

export const useLocale = (locale) => {
  words = { ...ENGLISH, ...BY_LOCALE[locale] };
};

export const word = (name) => words[name] ?? name;
