// The Payment Element: asks what may be paid, draws the form, confirms. Card data never leaves this frame
// but to the stand-in itself.

import { get, post } from './api.js';
import { setAppearance } from './appearance.js';
import { CardForm } from './card.js';
import { connect, emit, serve, tell } from './channel.js';
import { useLocale, word } from './messages.js';

const root = document.getElementById('root');
const panel = document.getElementById('method');
const problem = document.getElementById('problem');
const state = { key: '', secret: '', locale: 'en', group: {}, options: {}, form: null, failure: null, before: '' };

const intentPath = (secret) => `/v1/payment_intents/${secret.split('_secret_')[0]}`;
const credentials = () => ({ key: state.key, client_secret: state.secret });

const change = () => {
  if (!state.form) return;
  const value = { empty: state.form.empty, complete: state.form.complete, collapsed: false, value: { type: state.form.kind } };
  const text = JSON.stringify(value);
  if (text !== state.before) tell('change', value);
  state.before = text;
};

const hidesAddress = (fields) => {
  const billing = fields?.billingDetails;
  const address = typeof billing === 'string' ? billing : billing?.address;
  return address === 'never' || address?.country === 'never';
};

const draw = (session) => {
  state.form = new CardForm({
    locale: state.locale,
    country: session.country,
    defaults: state.options.defaultValues?.billingDetails,
    hideAddress: hidesAddress(state.options.fields),
    onChange: change,
  });
  panel.replaceChildren(...state.form.nodes);
  panel.removeAttribute('aria-busy');
  for (const input of panel.querySelectorAll('input, select')) input.disabled = Boolean(state.options.readOnly);
};

const failed = (error) => {
  state.failure = error;
  panel.replaceChildren();
  panel.removeAttribute('aria-busy');
  problem.textContent = error.message ?? word('failed_to_load');
  problem.hidden = false;
  tell('loaderror', { error });
};

const start = async () => {
  const { body, error } = await get('/v1/elements/sessions', { ...credentials(), locale: state.locale });
  if (error) {
    failed(error);
    return;
  }
  draw(body);
  tell('ready');
  change();
};

const refused = (error) => ({ error: { type: 'validation_error', ...error } });

const merged = (data, given) => {
  const billing = { ...data.billing_details, ...given };
  billing.address = { ...data.billing_details?.address, ...given?.address };
  return { ...data, billing_details: billing };
};

const confirm = async ({ params }) => {
  if (state.failure) return { error: state.failure };
  if (!state.form) return refused({ message: word('failed_to_load') });
  const wrong = state.form.validate();
  if (wrong) return refused(wrong);
  const { payment_method_data: data, return_url, ...rest } = params;
  const { body, error } = await post(`${intentPath(state.secret)}/confirm`, {
    ...rest,
    ...credentials(),
    return_url: return_url ?? window.location.origin,
    use_stripe_sdk: true,
    payment_method_data: { ...data, ...merged(state.form.data(), data?.billing_details) },
  });
  return error ? { error } : { paymentIntent: body };
};

const retrieve = async ({ clientSecret }) => {
  const { body, error } = await get(intentPath(clientSecret), { key: state.key, client_secret: clientSecret });
  return error ? { error } : { paymentIntent: body };
};

const submit = async () => {
  if (state.failure) return { error: state.failure };
  const wrong = state.form ? state.form.validate() : { message: word('failed_to_load') };
  return wrong ? refused(wrong) : { selectedPaymentMethod: state.form.kind };
};

const fetchUpdates = async () => {
  const { error } = await get('/v1/elements/sessions', { ...credentials(), locale: state.locale });
  return error ? { error: { message: error.message, status: error.payment_intent?.status } } : {};
};

const update = ({ group, options }) => {
  if (group) setAppearance((state.group = group).appearance);
  if (options) {
    state.options = options;
    for (const input of panel.querySelectorAll('input, select')) input.disabled = Boolean(options.readOnly);
  }
  return {};
};

serve({
  confirm,
  retrieve,
  submit,
  fetchUpdates,
  update,
  focus: () => state.form?.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => state.form?.clear(),
  collapse: () => undefined,
});

root.addEventListener('submit', (event) => event.preventDefault());
root.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell('escape');
  if (event.key === 'Enter' && event.target.tagName === 'INPUT') emit('enter');
});
root.addEventListener('focusin', ({ relatedTarget }) => { if (!relatedTarget) tell('focus'); });
root.addEventListener('focusout', ({ relatedTarget }) => { if (!relatedTarget) tell('blur'); });
new ResizeObserver(() => emit('height', root.offsetHeight + 8)).observe(root);

connect(({ key, locale, group, options }) => {
  Object.assign(state, { key, locale, group, options, secret: group.clientSecret });
  document.documentElement.lang = locale;
  useLocale(locale);
  document.getElementById('note').textContent = word('note');
  setAppearance(group.appearance);
  start();
});
