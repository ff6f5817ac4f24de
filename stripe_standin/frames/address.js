// The Address Element: a name, an address and, where wanted, a telephone number.

import { setAppearance, setFonts } from './appearance.js';
import { connect, emit, serve, tell } from './channel.js';
import { countries, postalCodeIsComplete } from './countries.js';
import { Field, icon, node, onLeave } from './fields.js';
import { useLocale, word } from './messages.js';

const root = document.getElementById('root');
const state = { options: {}, fields: {}, locale: 'en', before: '' };
const OPTIONAL = ['line2', 'state'];
const WITH_STATE = ['US', 'CA', 'AU', 'BR', 'IN', 'MX', 'JP', 'CN', 'IT', 'ES'];
const COMPLETE = { name: 'name', line1: 'address-line1', line2: 'address-line2', city: 'address-level2',
  state: 'address-level1', postal_code: 'postal-code', country: 'country', phone: 'tel' };

const names = () => {
  const { display, fields } = state.options;
  const split = display?.name === 'split';
  return [...(split ? ['firstName', 'lastName'] : ['name']), 'country', 'line1', 'line2', 'city', 'postal_code', 'state',
    ...(fields?.phone === 'always' ? ['phone'] : [])];
};

const text = (name) => state.fields[name]?.value.trim() ?? '';

const shownName = () => (state.fields.name ? text('name') : `${text('firstName')} ${text('lastName')}`.trim());

const verdict = (name) => {
  const value = text(name);
  const optional = OPTIONAL.includes(name) || (name === 'phone' && state.options.validation?.phone?.required !== 'always');
  if (!value) return optional || state.fields[name].node.hidden ? null : 'incomplete_field';
  if (name === 'postal_code' && !postalCodeIsComplete(text('country'), value)) return 'incomplete_zip';
  if (name === 'line1' && state.options.blockPoBox && /\bp\.?\s*o\.?\s*box\b/i.test(value)) return 'po_box';
  return null;
};

const check = (name) => {
  const code = verdict(name);
  state.fields[name].show(code, code && word(code));
  return code;
};

const value = () => {
  const complete = Object.keys(state.fields).every((name) => !verdict(name));
  const address = Object.fromEntries(['line1', 'line2', 'city', 'state', 'postal_code', 'country'].map((name) => [name, text(name) || null]));
  const person = state.fields.name ? {} : { firstName: text('firstName'), lastName: text('lastName') };
  return { complete, isNewAddress: true, value: { name: shownName(), ...person, address, ...(state.fields.phone && { phone: text('phone') }) } };
};

const change = () => {
  const now = value();
  const shown = JSON.stringify(now);
  const empty = Object.keys(state.fields).every((name) => name === 'country' || !text(name));
  if (shown !== state.before) tell('change', { elementMode: state.options.mode, empty, ...now });
  state.before = shown;
};

const makeInput = (name, given) => {
  if (name !== 'country') return node('input', { type: name === 'phone' ? 'tel' : 'text', value: given ?? '', autocomplete: COMPLETE[name] ?? 'off' });
  const select = node('select', { autocomplete: 'country' });
  const allowed = state.options.allowedCountries;
  const listed = countries(state.locale).filter(({ code }) => !allowed || allowed.includes(code));
  const chosen = given ?? (new Intl.Locale(state.locale).region ?? 'NL');
  for (const { code, name: title } of listed) select.append(new Option(title, code, false, code === chosen));
  return select;
};

const showState = () => {
  state.fields.state.hide(!WITH_STATE.includes(text('country')));
};

const draw = () => {
  const { defaultValues = {} } = state.options;
  const given = { ...defaultValues.address, name: defaultValues.name, phone: defaultValues.phone,
    firstName: defaultValues.firstName, lastName: defaultValues.lastName };
  for (const name of names()) {
    const input = makeInput(name, given[name]);
    const select = name === 'country';
    const field = new Field(name, word(`address_${name}`), input, { id: `address-${name}Input`, kind: select ? 'Select' : 'Input', box: select ? 'Box--select' : '' });
    if (select) field.box.append(node('span', { className: 'Chevron', ariaHidden: 'true' }, icon('M6 9l6 6 6-6')));
    input.required = !OPTIONAL.includes(name);
    input.addEventListener(select ? 'change' : 'input', () => {
      if (select) showState();
      if (field.code && !verdict(name)) field.show(null);
      change();
    });
    onLeave(input, () => check(name));
    state.fields[name] = field;
    root.append(field.node);
  }
  showState();
};

serve({
  value: async () => value(),
  submit: async () => {
    const wrong = Object.keys(state.fields).filter((name) => check(name));
    state.fields[wrong[0]]?.input.focus();
    return wrong.length ? { error: { type: 'validation_error', message: state.fields[wrong[0]].error.textContent } } : {};
  },
  update: ({ group }) => { if (group) setAppearance(group.appearance); return {}; },
  focus: () => Object.values(state.fields)[0].input.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    for (const [name, field] of Object.entries(state.fields)) if (name !== 'country') field.input.value = '';
    change();
  },
  collapse: () => undefined,
});

root.addEventListener('submit', (event) => event.preventDefault());
root.addEventListener('keydown', (event) => { if (event.key === 'Escape') tell('escape'); });
root.addEventListener('focusin', ({ relatedTarget }) => { if (!relatedTarget) tell('focus'); });
root.addEventListener('focusout', ({ relatedTarget }) => { if (!relatedTarget) tell('blur'); });
new ResizeObserver(() => emit('height', root.offsetHeight + 8)).observe(root);

connect(({ locale, group, options }) => {
  Object.assign(state, { locale, options });
  document.documentElement.lang = locale;
  useLocale(locale);
  setFonts(group.fonts);
  setAppearance(group.appearance);
  draw();
  tell('ready');
  change();
});
