// The Card Element, its three parts, and the IBAN field: one line, styled by the page. The number's frame does the
// talking with the API, and reads date and code in the frames beside it, which are of our own origin too.

import { post } from './api.js';
import { plainIban } from './banks.js';
import { brandOf, digits } from './card-number.js';
import { connect, emit, serve, tell } from './channel.js';
import { LineField } from './line-field.js';
import { useLocale, word } from './messages.js';

const PARTS = { card: ['number', 'expiry', 'cvc', 'postal'], cardNumber: ['number'], cardExpiry: ['expiry'],
  cardCvc: ['cvc'], iban: ['iban'] };
const root = document.getElementById('root');
const state = { kind: 'card', key: '', options: {}, fields: [], before: '' };

const field = (part) => state.fields.find((one) => one.part === part);

const values = () => Object.fromEntries(state.fields.map(({ part, value }) => [part, value]));

const problem = (code) => ({ type: 'validation_error', code, message: word(code) });

// What this frame holds, for the frame beside it that sends; `number` tells how long the code must be.
self.held = (number = field('number')?.value ?? '') => {
  const wrong = state.fields.filter((one) => {
    one.show(one.verdict(number));
    return one.code;
  });
  return { values: values(), wrong: wrong[0]?.code ?? null };
};

const change = () => {
  const error = state.fields.find(({ code }) => code)?.code;
  const number = field('number');
  const now = {
    empty: state.fields.every(({ value }) => !value),
    complete: state.fields.every((one) => !one.verdict(number?.value ?? '')),
    error: error && problem(error),
    ...(number && { brand: brandOf(digits(number.value)).name }),
    ...(state.kind === 'card' && { value: { postalCode: field('postal')?.value ?? '' } }),
    ...(state.kind === 'iban' && { country: values().iban.slice(0, 2).toUpperCase(), bankName: '' }),
  };
  const text = JSON.stringify(now);
  if (text !== state.before) tell('change', now);
  state.before = text;
};

const edited = (one) => {
  const code = one.verdict(field('number')?.value ?? '');
  // A shown error goes as soon as what was typed is right; a wrong check digit shows at once.
  if (one.code || (code && !code.startsWith('incomplete'))) one.show(code);
  const next = state.fields[state.fields.indexOf(one) + 1];
  const atEnd = one.input.selectionStart === one.value.length;
  if (!code && next && atEnd && document.activeElement === one.input && one.part !== 'cvc') next.input.focus();
  change();
};

const setStyle = ({ base = {}, invalid = {} } = {}) => {
  for (const name of ['color', 'fontFamily', 'fontSize', 'fontStyle', 'fontWeight', 'lineHeight', 'letterSpacing', 'textAlign']) {
    document.body.style[name] = base[name] ?? '';
  }
  document.body.style.setProperty('--placeholder', base['::placeholder']?.color ?? '');
  document.body.style.setProperty('--invalid', invalid.color ?? '');
};

const draw = () => {
  const old = Object.fromEntries(state.fields.map((one) => [one.part, one.value]));
  const { hidePostalCode, placeholder, disabled, style } = state.options;
  const parts = PARTS[state.kind].filter((part) => part !== 'postal' || !hidePostalCode);
  state.fields = parts.map((part) => new LineField(part, { placeholder: parts.length > 1 ? undefined : placeholder, disabled }, edited));
  for (const one of state.fields) {
    one.input.value = one.last = old[one.part] ?? '';
    one.input.addEventListener('blur', () => {
      if (one.value) one.show(one.verdict(field('number')?.value ?? ''));
      change();
    });
  }
  if (!('postal' in old) && field('postal')) field('postal').input.value = state.options.value?.postalCode ?? '';
  setStyle(style);
  root.replaceChildren(...state.fields.map(({ input }) => input));
};

// Returns { error }, or what the card fields hold together.
const collect = (neighbours = {}) => {
  const own = field('number')?.value;
  const frames = Object.entries(neighbours).filter(([kind]) => kind !== state.kind && state.kind !== 'card' && kind !== 'card');
  const others = frames.map(([, name]) => window.parent.frames[name]);
  const number = own ?? others.map((one) => one.held().values.number).find(Boolean);
  const all = [self.held(number), ...others.map((one) => one.held(number))];
  const wrong = all.find((one) => one.wrong)?.wrong;
  const found = Object.assign({}, ...all.map((one) => one.values));
  const missing = ['number', 'expiry', 'cvc'].find((part) => state.kind !== 'iban' && !(part in found));
  change();
  return wrong || missing ? { error: problem(wrong ?? `incomplete_${missing}`) } : { found };
};

const cardOf = ({ number, expiry, cvc }) => ({ number: digits(number), exp_month: Number(digits(expiry).slice(0, 2)),
  exp_year: 2000 + Number(digits(expiry).slice(2)), cvc: digits(cvc) });

const withFields = (data, found) => {
  if (state.kind === 'iban') return { ...data, type: 'sepa_debit', sepa_debit: { iban: plainIban(found.iban) } };
  const billing = data?.billing_details;
  const address = { ...(found.postal && { postal_code: found.postal.trim() }), ...billing?.address };
  return { ...data, type: 'card', card: cardOf(found), billing_details: { ...billing, address } };
};

const method = async ({ params, neighbours }) => {
  const { error, found } = collect(neighbours);
  if (error) return { error };
  const answer = await post('/v1/payment_methods', { ...withFields(params, found), key: state.key });
  return answer.error ? { error: answer.error } : { paymentMethod: answer.body };
};

const confirm = async ({ params, clientSecret, neighbours }) => {
  const { error, found } = collect(neighbours);
  if (error) return { error };
  const answer = await post(`/v1/payment_intents/${clientSecret.split('_secret_')[0]}/confirm`, {
    ...params, payment_method_data: withFields(params.payment_method_data, found), key: state.key,
    client_secret: clientSecret, use_stripe_sdk: true,
  });
  return answer.error ? { error: answer.error } : { paymentIntent: answer.body };
};

const token = async ({ params, neighbours }) => {
  const { error, found } = collect(neighbours);
  if (error) return { error };
  const card = { ...(found.postal && { address_zip: found.postal.trim() }), ...params, ...cardOf(found) };
  const answer = await post('/v1/tokens', { card, key: state.key });
  return answer.error ? { error: answer.error } : { token: answer.body };
};

serve({
  method,
  confirm,
  token,
  update: ({ options }) => {
    if (options) state.options = options;
    draw();
    change();
    return {};
  },
  focus: () => state.fields[0].input.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    state.fields.forEach((one) => one.clear());
    change();
  },
});

root.addEventListener('submit', (event) => event.preventDefault());
root.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell('escape');
  if (event.key === 'Enter') emit('enter');
});
root.addEventListener('focusin', ({ relatedTarget }) => { if (!relatedTarget) tell('focus'); });
root.addEventListener('focusout', ({ relatedTarget }) => { if (!relatedTarget) tell('blur'); });
new ResizeObserver(() => emit('height', root.offsetHeight)).observe(root);

connect(({ kind, key, locale, options }) => {
  Object.assign(state, { kind, key, options });
  document.documentElement.lang = locale;
  useLocale(locale);
  draw();
  tell('ready');
  change();
});
