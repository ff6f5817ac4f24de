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
  failed_to_load: 'This form could not be loaded.',
};

const BY_LOCALE = { 'en-GB': { expiry: 'Expiry date' } };

let words = ENGLISH;

export const useLocale = (locale) => {
  words = { ...ENGLISH, ...BY_LOCALE[locale] };
};

export const word = (name) => words[name] ?? name;
