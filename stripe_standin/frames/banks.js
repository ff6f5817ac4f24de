// The forms of bank payments: a name or an e-mail where the method needs one, an IBAN for SEPA debit.

import { Field, node, onLeave } from './fields.js';
import { word } from './messages.js';

const NEEDS = { bancontact: ['name'], eps: ['name'], p24: ['name', 'email'], klarna: ['email'], multibanco: ['email'], sepa_debit: ['name', 'email', 'iban'] };
const AUTOCOMPLETE = { name: 'name', email: 'email', iban: 'off' };
export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export const plainIban = (text) => text.replace(/\s/g, '').toUpperCase();

export const passesChecksum = (iban) => {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const digits = [...iban.slice(4) + iban.slice(0, 4)].map((letter) => parseInt(letter, 36)).join('');
  return [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
};

export class BankForm {
  constructor({ kind, defaults = {}, fields = {}, onChange }) {
    this.kind = kind;
    this.onChange = onChange;
    const hidden = (name) => fields?.billingDetails === 'never' || fields?.billingDetails?.[name] === 'never';
    const wanted = (NEEDS[kind] ?? []).filter((name) => !hidden(name));
    this.fields = wanted.map((name) => this.field(name, defaults[name] ?? ''));
    const note = word({ sepa_debit: 'mandate', multibanco: 'slip' }[kind] ?? 'redirect');
    this.nodes = [...this.fields.map((field) => field.node), node('p', { className: 'Note', textContent: note })];
  }

  field(name, value) {
    const input = node('input', { type: name === 'email' ? 'email' : 'text', value, autocomplete: AUTOCOMPLETE[name],
      placeholder: name === 'iban' ? 'NL00 AAAA 0000 0000 00' : '', spellcheck: false });
    const made = new Field(name, word(name), input);
    input.addEventListener('input', () => {
      if (name === 'iban') this.groupIban(input);
      if (made.code && this.verdict(made) !== made.code) made.show(null);
      this.onChange();
    });
    onLeave(input, () => this.check(made));
    return made;
  }

  groupIban(input) {
    if (input.selectionStart !== input.value.length) return;
    input.value = plainIban(input.value).replace(/(.{4})(?=.)/g, '$1 ');
  }

  verdict(field) {
    const text = field.value.trim();
    if (!text) return `incomplete_${field.name}`;
    if (field.name === 'email' && !EMAIL.test(text)) return 'invalid_email';
    if (field.name === 'iban' && !passesChecksum(plainIban(text))) return 'invalid_iban';
    return null;
  }

  check(field) {
    const code = this.verdict(field);
    field.show(code, code && word(code));
    return code;
  }

  get empty() {
    return this.fields.every((field) => !field.value);
  }

  get complete() {
    return this.fields.every((field) => !this.verdict(field));
  }

  validate() {
    const wrong = this.fields.filter((field) => this.check(field));
    wrong[0]?.input.focus();
    return wrong[0] ? { code: wrong[0].code, message: word(wrong[0].code) } : null;
  }

  data() {
    const typed = Object.fromEntries(this.fields.map((field) => [field.name, field.value.trim()]));
    const { iban, ...billing } = typed;
    const data = { type: this.kind };
    if (iban) data.sepa_debit = { iban: plainIban(iban) };
    if (Object.keys(billing).length) data.billing_details = billing;
    return data;
  }

  clear() {
    for (const field of this.fields) {
      field.input.value = '';
      field.show(null);
    }
    this.onChange();
  }

  focus() {
    this.fields[0]?.input.focus();
  }
}
