// One field without a label or a box of its own: the page draws both.

import { brandOf, checkExpiry, checkNumber, digits, formatExpiry, group, maxLength } from './card-number.js';
import { passesChecksum, plainIban } from './banks.js';
import { node } from './fields.js';
import { word } from './messages.js';

// The names are those of Stripe's own fields, by which tests find them.
const LOOKS = {
  number: { name: 'cardnumber', placeholder: '1234 1234 1234 1234', autocomplete: 'cc-number' },
  expiry: { name: 'exp-date', placeholder: 'MM / YY', autocomplete: 'cc-exp' },
  cvc: { name: 'cvc', placeholder: 'CVC', autocomplete: 'cc-csc' },
  postal: { name: 'postal', placeholder: 'ZIP', autocomplete: 'postal-code' },
  iban: { name: 'iban', placeholder: 'NL00 AAAA 0000 0000 00', autocomplete: 'off' },
};

const VERDICTS = {
  number: (text) => checkNumber(digits(text)),
  expiry: (text) => checkExpiry(text),
  cvc: (text, number) => (digits(text).length === brandOf(digits(number)).cvc ? null : 'incomplete_cvc'),
  postal: (text) => (text.trim() ? null : 'incomplete_zip'),
  iban: (text) => (!text.trim() ? 'incomplete_iban' : passesChecksum(plainIban(text)) ? null : 'invalid_iban'),
};

const FORMATS = {
  number: (text) => group(digits(text).slice(0, maxLength(digits(text)))),
  expiry: (text, last) => formatExpiry(text, last),
  cvc: (text) => digits(text).slice(0, 4),
  postal: (text) => text,
  iban: (text) => plainIban(text).replace(/(.{4})(?=.)/g, '$1 '),
};

export class LineField {
  constructor(part, { placeholder, disabled }, onChange) {
    this.part = part;
    this.code = null;
    this.last = '';
    const look = LOOKS[part];
    this.input = node('input', { type: 'text', inputMode: ['postal', 'iban'].includes(part) ? 'text' : 'numeric',
      name: look.name, autocomplete: look.autocomplete, placeholder: placeholder ?? look.placeholder, spellcheck: false,
      disabled: Boolean(disabled), ariaLabel: word(part === 'postal' ? 'zip' : part), ariaInvalid: 'false' });
    this.input.addEventListener('input', () => {
      this.format();
      onChange(this);
    });
  }

  get value() { return this.input.value; }

  format() {
    const { input } = this;
    if (input.selectionStart === input.value.length) input.value = FORMATS[this.part](input.value, this.last);
    this.last = input.value;
  }

  verdict(number) {
    return VERDICTS[this.part](this.value, number);
  }

  show(code) {
    this.code = code;
    this.input.setAttribute('aria-invalid', code ? 'true' : 'false');
  }

  clear() {
    this.input.value = this.last = '';
    this.show(null);
  }
}
