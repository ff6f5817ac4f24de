// The card form: number, date, code, country and, in the US, ZIP.

import { brandOf, checkExpiry, checkNumber, digits, formatExpiry, group, maxLength } from './card-number.js';
import { asksPostalCode, countries, postalCodeIsComplete } from './countries.js';
import { Field, icon, node, onLeave } from './fields.js';
import { word } from './messages.js';

const CARD_ICON = 'M3 6.5A1.5 1.5 0 0 1 4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM3 9.5h18M6 15h4';
const CHEVRON = 'M6 9l6 6 6-6';

export class CardForm {
  constructor({ locale, country, defaults, hideAddress, onChange }) {
    this.kind = 'card';
    this.onChange = onChange;
    this.number = this.field('number', 'number', '1234 1234 1234 1234', 'cc-number', 'Box--brand');
    this.expiry = this.field('expiry', 'expiry', 'MM / YY', 'cc-exp');
    this.cvc = this.field('cvc', 'cvc', 'CVC', 'cc-csc');
    this.makeAddress(locale, defaults?.address?.country ?? country);
    this.postalCode.input.value = defaults?.address?.postal_code ?? '';
    this.brand = node('span', { className: 'Brand', ariaHidden: 'true' }, icon(CARD_ICON));
    this.number.box.append(this.brand);
    this.address = node('div', { className: 'Row' }, this.country.node, this.postalCode.node);
    this.hideAddress = hideAddress;
    this.nodes = [
      this.number.node,
      node('div', { className: 'Row' }, this.expiry.node, this.cvc.node),
      ...(hideAddress ? [] : [this.address]),
    ];
    this.bind();
    this.showPostalCode();
  }

  field(name, label, placeholder, autocomplete, box) {
    const input = node('input', { type: 'text', inputMode: 'numeric', placeholder, autocomplete, spellcheck: false,
      autocapitalize: 'off', autocorrect: 'off' });
    return new Field(name, word(label), input, { box });
  }

  makeAddress(locale, chosen) {
    const select = node('select', { autocomplete: 'billing country' });
    for (const { code, name } of countries(locale)) select.append(new Option(name, code, false, code === chosen));
    this.country = new Field('country', word('country'), select, { kind: 'Select', box: 'Box--select' });
    this.country.box.append(node('span', { className: 'Chevron', ariaHidden: 'true' }, icon(CHEVRON)));
    const postal = node('input', { type: 'text', inputMode: 'numeric', placeholder: '12345',
      autocomplete: 'billing postal-code' });
    this.postalCode = new Field('postalCode', word('zip'), postal);
  }

  get fields() {
    const postal = this.hideAddress || this.postalCode.node.hidden ? [] : [this.postalCode];
    return [this.number, this.expiry, this.cvc, ...postal];
  }

  bind() {
    this.number.input.addEventListener('input', () => this.formatNumber());
    this.expiry.input.addEventListener('input', () => this.formatExpiry());
    this.cvc.input.addEventListener('input', () => this.formatCvc());
    this.postalCode.input.addEventListener('input', () => this.changed(this.postalCode));
    this.country.input.addEventListener('change', () => { this.showPostalCode(); this.changed(); });
    for (const field of [this.number, this.expiry, this.cvc, this.postalCode]) {
      onLeave(field.input, () => this.check(field));
      field.input.addEventListener('keydown', (event) => this.stepBack(field, event));
    }
    this.last = '';
  }

  formatNumber() {
    const { input } = this.number;
    const before = digits(input.value.slice(0, input.selectionStart)).length;
    const typed = digits(input.value);
    const number = typed.slice(0, maxLength(typed));
    input.value = group(number);
    let position = 0;
    for (let seen = 0; seen < Math.min(before, number.length); position++) seen += /\d/.test(input.value[position]) ? 1 : 0;
    if (before && input.value[position] === ' ' && before < number.length) position += 1;
    if (document.activeElement === input) input.setSelectionRange(position, position);
    this.showBrand(number);
    const verdict = checkNumber(number);
    if (verdict === 'incorrect_number') this.check(this.number);
    if (!verdict && document.activeElement === input && position === input.value.length) this.expiry.input.focus();
    this.changed(this.number, verdict);
  }

  formatExpiry() {
    const { input } = this.expiry;
    const atEnd = input.selectionStart === input.value.length;
    const text = formatExpiry(input.value, this.last);
    if (atEnd) input.value = text;
    this.last = input.value;
    const verdict = checkExpiry(input.value);
    if (verdict && verdict !== 'incomplete_expiry') this.check(this.expiry);
    if (!verdict && atEnd && document.activeElement === input) this.cvc.input.focus();
    this.changed(this.expiry, verdict);
  }

  formatCvc() {
    this.cvc.input.value = digits(this.cvc.value).slice(0, brandOf(digits(this.number.value)).cvc);
    this.changed(this.cvc);
  }

  // Backspace in an empty field goes on in the one before it.
  stepBack(field, event) {
    const order = [this.number, this.expiry, this.cvc];
    const index = order.indexOf(field);
    if (event.key !== 'Backspace' || field.value || index < 1) return;
    event.preventDefault();
    order[index - 1].input.focus();
  }

  showBrand(number) {
    const brand = brandOf(number);
    this.brand.replaceChildren(icon(CARD_ICON), ...(brand.title ? [brand.title] : []));
    this.cvc.input.placeholder = brand.cvc === 4 ? 'CVC (4)' : 'CVC';
    this.cvc.input.title = word(brand.cvc === 4 ? 'hint_cvc4' : 'hint_cvc3');
  }

  showPostalCode() {
    this.postalCode.hide(!asksPostalCode(this.country.value));
  }

  verdict(field) {
    if (field === this.number) return checkNumber(digits(this.number.value));
    if (field === this.expiry) return checkExpiry(this.expiry.value);
    if (field === this.cvc) {
      return this.cvc.value.length === brandOf(digits(this.number.value)).cvc ? null : 'incomplete_cvc';
    }
    return postalCodeIsComplete(this.country.value, this.postalCode.value) ? null : 'incomplete_zip';
  }

  check(field) {
    const code = this.verdict(field);
    field.show(code, code && word(code));
    return code;
  }

  // A shown error goes as soon as what was typed is right.
  changed(field, verdict) {
    if (field?.code && (verdict === undefined ? this.verdict(field) : verdict) !== field.code) field.show(null);
    this.onChange();
  }

  get brandName() {
    const { name } = brandOf(digits(this.number.value));
    return name === 'unknown' ? '' : name;
  }

  get empty() {
    return [this.number, this.expiry, this.cvc].every((field) => !field.value);
  }

  get complete() {
    return this.fields.every((field) => !this.verdict(field));
  }

  // Shows every error, moves the focus to the first and returns it.
  validate() {
    const wrong = this.fields.filter((field) => this.check(field));
    wrong[0]?.input.focus();
    return wrong[0] ? { code: wrong[0].code, message: word(wrong[0].code) } : null;
  }

  data() {
    const [month, year] = [digits(this.expiry.value).slice(0, 2), digits(this.expiry.value).slice(2)];
    const card = { number: digits(this.number.value), exp_month: Number(month), exp_year: 2000 + Number(year), cvc: this.cvc.value };
    if (this.hideAddress) return { type: 'card', card };
    const address = { country: this.country.value };
    if (!this.postalCode.node.hidden) address.postal_code = this.postalCode.value.trim();
    return { type: 'card', card, billing_details: { address } };
  }

  clear() {
    for (const field of [this.number, this.expiry, this.cvc, this.postalCode]) {
      field.input.value = '';
      field.show(null);
    }
    this.last = '';
    this.showBrand('');
    this.onChange();
  }

  focus() {
    this.number.input.focus();
  }
}
