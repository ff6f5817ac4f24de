// Which ways to pay are shown, in which order and layout, and what the shopper has chosen.

import { BankForm } from './banks.js';
import { CardForm } from './card.js';
import { node } from './fields.js';
import { word } from './messages.js';
import { SavedForm } from './saved.js';
import { Accordion, Tabs } from './switcher.js';

const hidesAddress = (fields) => {
  const billing = fields?.billingDetails;
  const address = typeof billing === 'string' ? billing : billing?.address;
  return address === 'never' || address?.country === 'never';
};

const ordered = (types, wanted = []) => {
  const place = (type) => (wanted.includes(type) ? wanted.indexOf(type) : wanted.length);
  return [...types].sort((a, b) => place(a) - place(b));
};

const layoutOf = (given) => {
  const layout = typeof given === 'string' ? { type: given } : { ...given };
  return { ...layout, type: ['tabs', 'accordion'].includes(layout.type) ? layout.type : 'accordion' };
};

const makeForm = (kind, { locale, session, options, onChange }) => {
  const defaults = options.defaultValues?.billingDetails;
  if (kind !== 'card') return new BankForm({ kind, defaults, fields: options.fields, onChange });
  return new CardForm({ locale, country: session.country, defaults, hideAddress: hidesAddress(options.fields), onChange });
};

export class Choice {
  constructor(given) {
    const { session, options, onChange, onRemove } = given;
    this.form = null;
    this.features = session.customer?.features;
    const kinds = ordered(session.payment_method_types, options.paymentMethodOrder);
    this.forms = kinds.map((kind) => makeForm(kind, given));
    const saved = session.customer?.payment_methods ?? [];
    if (saved.length) {
      const canRemove = this.features.payment_method_remove === 'enabled';
      this.forms.unshift(new SavedForm({ methods: saved, canRemove, onChange, onRemove }));
    }
    this.addSave(onChange);
    const choose = (form) => {
      this.form = form;
      onChange();
    };
    const layout = layoutOf(options.layout);
    if (this.forms.length === 1) {
      this.nodes = this.forms[0].nodes;
      this.form = this.forms[0];
      return;
    }
    this.switcher = layout.type === 'tabs' ? new Tabs(this.forms, choose) : new Accordion(this.forms, choose, layout);
    this.nodes = this.switcher.nodes;
    if (layout.type === 'tabs' || !layout.defaultCollapsed) this.switcher.choose(0);
  }

  // The box that saves a card for the next time, where the customer session allows it.
  addSave(onChange) {
    const card = this.forms.find(({ kind }) => kind === 'card');
    if (this.features?.payment_method_save !== 'enabled' || !card) return;
    this.save = node('input', { type: 'checkbox', className: 'CheckboxInput', name: 'savePaymentMethod' });
    this.save.addEventListener('change', onChange);
    card.nodes.push(node('label', { className: 'Checkbox' }, this.save,
      node('span', { className: 'CheckboxLabel', textContent: word('save') })));
  }

  get value() {
    if (!this.form) return { type: this.forms[0].kind };
    if (this.form.kind === 'saved') return { type: this.form.method.type, payment_method: this.form.method };
    return { type: this.form.kind, ...(this.save && this.form.kind === 'card' && { savePaymentMethod: this.save.checked }) };
  }

  get state() {
    const { form } = this;
    return { empty: form?.empty ?? true, complete: form?.complete ?? false, collapsed: !form, value: this.value };
  }

  validate() {
    if (this.form) return this.form.validate();
    return { code: 'incomplete_payment_method', message: word('choose') };
  }

  // Returns what a confirmation says about the payment method.
  chosen() {
    if (this.form.kind === 'saved') return { payment_method: this.form.method.id };
    const data = this.form.data();
    if (!this.save || this.form.kind !== 'card') return { payment_method_data: data };
    data.allow_redisplay = this.save.checked ? 'always' : 'limited';
    const usage = this.save.checked ? this.features.payment_method_save_usage ?? 'on_session' : undefined;
    return { payment_method_data: data, setup_future_usage: usage };
  }

  collapse() {
    if (this.switcher instanceof Accordion) this.switcher.choose(null);
  }
}
