// Cards and accounts a signed-in customer saved: choose one, or remove it where that is allowed.

import { node } from './fields.js';
import { word } from './messages.js';

const NAMES = { amex: 'Amex', diners: 'Diners', discover: 'Discover', jcb: 'JCB', mastercard: 'Mastercard',
  unionpay: 'UnionPay', visa: 'Visa' };

const title = ({ type, card, sepa_debit: account }) => (type === 'card'
  ? `${NAMES[card.display_brand ?? card.brand] ?? word('card')} •••• ${card.last4}`
  : `${word('sepa_debit')} •••• ${account.last4}`);

const detail = ({ type, card }) => (type === 'card'
  ? `${String(card.exp_month).padStart(2, '0')} / ${String(card.exp_year).slice(2)}` : '');

export class SavedForm {
  constructor({ methods, canRemove, onChange, onRemove }) {
    this.kind = 'saved';
    this.methods = methods;
    this.chosen = methods[0].id;
    this.onChange = onChange;
    this.onRemove = onRemove;
    this.canRemove = canRemove;
    this.list = node('fieldset', { className: 'Saved' });
    this.nodes = [this.list];
    this.draw();
  }

  draw() {
    const legend = node('legend', { className: 'Hidden', textContent: word('saved') });
    this.list.replaceChildren(legend, ...this.methods.map((method) => this.row(method)));
  }

  row(method) {
    const radio = node('input', { type: 'radio', name: 'saved', value: method.id, checked: method.id === this.chosen });
    radio.addEventListener('change', () => {
      this.chosen = method.id;
      this.onChange();
    });
    const text = node('span', { className: 'SavedTitle', textContent: title(method) });
    const label = node('label', { className: 'PickerItem' }, radio, text,
      node('span', { className: 'SavedDetail', textContent: detail(method) }));
    if (!this.canRemove) return label;
    const remove = node('button', { type: 'button', className: 'Quiet', textContent: word('remove') });
    remove.setAttribute('aria-label', `${word('remove')} ${title(method)}`);
    remove.addEventListener('click', () => this.onRemove(method));
    return node('div', { className: 'SavedRow' }, label, remove);
  }

  forget(method) {
    this.methods = this.methods.filter(({ id }) => id !== method.id);
    if (this.chosen === method.id) this.chosen = this.methods[0]?.id;
    this.draw();
  }

  get empty() { return false; }

  get complete() { return Boolean(this.chosen); }

  get method() {
    return this.methods.find(({ id }) => id === this.chosen);
  }

  validate() { return null; }

  clear() {}

  focus() {
    this.list.querySelector('input:checked')?.focus();
  }
}
