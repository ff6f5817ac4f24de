// The Payment Element: asks what may be paid, draws the forms, confirms. Card data never leaves this frame
// but to the stand-in itself.

import { get, post } from './api.js';
import { setAppearance, setFonts } from './appearance.js';
import { connect, emit, serve, tell } from './channel.js';
import { Choice } from './choice.js';
import { useLocale, word } from './messages.js';

const root = document.getElementById('root');
const panel = document.getElementById('method');
const problem = document.getElementById('problem');
const state = { key: '', locale: 'en', group: {}, options: {}, choice: null, failure: null, before: '' };

const intentPath = (secret) => `/v1/payment_intents/${secret.split('_secret_')[0]}`;

const deferred = ({ amount, currency, captureMethod, allowedPaymentMethodTypes, excludedPaymentMethodTypes }) => ({
  amount, currency, capture_method: captureMethod, allowed: allowedPaymentMethodTypes, excluded: excludedPaymentMethodTypes,
});

const askSession = () => get('/v1/elements/sessions', {
  key: state.key,
  locale: state.locale,
  customer_session_client_secret: state.group.customerSessionClientSecret,
  ...(state.group.clientSecret ? { client_secret: state.group.clientSecret } : { deferred: deferred(state.group) }),
});

let lastBrand = '';
const tellBrand = () => {
  const brand = state.choice.form?.brandName ?? '';
  if (brand === lastBrand) return;
  lastBrand = brand;
  tell('carddetailschange', { loading: false, ...(brand && { details: { brands: [brand] } }) });
};

const change = () => {
  if (!state.choice) return;
  const text = JSON.stringify(state.choice.state);
  if (text !== state.before) tell('change', state.choice.state);
  state.before = text;
  tellBrand();
};

const lock = () => {
  for (const input of panel.querySelectorAll('input, select')) input.disabled = Boolean(state.options.readOnly);
};

const remove = async (method) => {
  const { error } = await post(`/v1/elements/payment_methods/${method.id}/detach`, {
    key: state.key, customer_session_client_secret: state.group.customerSessionClientSecret,
  });
  tell('savedpaymentmethodremove', { success: !error, error: error?.message, payment_method: method });
  if (error) return;
  const saved = state.choice.forms[0];
  saved.forget(method);
  if (saved.methods.length) change();
  else start();
};

const draw = (session) => {
  state.session = session;
  state.choice = new Choice({ locale: state.locale, session, options: state.options, onChange: change, onRemove: remove });
  panel.replaceChildren(...state.choice.nodes);
  panel.removeAttribute('aria-busy');
  lock();
  tell('availablepaymentmethodschange', { paymentMethods: session.payment_method_types.map((type) => ({ type })) });
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
  const { body, error } = await askSession();
  if (error) {
    failed(error);
    return;
  }
  draw(body);
  tell('ready');
  change();
};

const refused = (error) => ({ error: { type: 'validation_error', ...error } });

// What goes wrong before anything is sent: the element did not load, or a field is not right.
const obstacle = () => {
  if (state.failure) return { error: state.failure };
  if (!state.choice) return refused({ message: word('failed_to_load') });
  const wrong = state.choice.validate();
  return wrong ? refused(wrong) : null;
};

const withBilling = (chosen, given) => {
  if (!chosen.payment_method_data) return chosen;
  const data = { ...given, ...chosen.payment_method_data };
  const billing = { ...chosen.payment_method_data.billing_details, ...given?.billing_details };
  billing.address = { ...chosen.payment_method_data.billing_details?.address, ...given?.billing_details?.address };
  return { ...chosen, payment_method_data: { ...data, billing_details: billing } };
};

const agrees = ({ amount, currency }) => amount === state.group.amount && currency === state.group.currency?.toLowerCase();

const confirm = async ({ params, clientSecret }) => {
  const wrong = obstacle();
  if (wrong) return wrong;
  const secret = state.group.clientSecret ?? clientSecret;
  const credentials = { key: state.key, client_secret: secret };
  if (!state.group.clientSecret) {
    const { body, error } = await get(intentPath(secret), credentials);
    if (error) return { error };
    if (!agrees(body)) return { error: { type: 'invalid_request_error', message: word('disagrees'), payment_intent: body } };
  }
  const { payment_method_data: given, return_url: address, ...rest } = params;
  const { body, error } = await post(`${intentPath(secret)}/confirm`, {
    ...rest,
    ...withBilling(state.choice.chosen(), given),
    ...credentials,
    return_url: address ?? window.location.origin,
    use_stripe_sdk: true,
  });
  return error ? { error } : { paymentIntent: body };
};

const token = async ({ params }) => {
  const wrong = obstacle();
  if (wrong) return wrong;
  const { payment_method_data: given, ...rest } = params;
  const chosen = withBilling(state.choice.chosen(), given);
  const { body, error } = await post('/v1/confirmation_tokens', { ...rest, ...chosen, key: state.key });
  return error ? { error } : { confirmationToken: body };
};

const retrieve = async ({ clientSecret }) => {
  const { body, error } = await get(intentPath(clientSecret), { key: state.key, client_secret: clientSecret });
  return error ? { error } : { paymentIntent: body };
};

const fetchUpdates = async () => {
  const { error } = await askSession();
  return error ? { error: { message: error.message, status: error.payment_intent?.status } } : {};
};

const update = ({ group, options, locale }) => {
  const shape = () => JSON.stringify([state.options.layout, state.options.fields, state.options.paymentMethodOrder]);
  const offer = () => JSON.stringify([state.locale, state.group.currency]);
  const before = [shape(), offer()];
  if (options) state.options = options;
  if (locale) useLocale(state.locale = locale);
  if (group) setAppearance((state.group = group).appearance);
  if (offer() !== before[1]) start();
  else if (shape() !== before[0] && state.session) draw(state.session);
  lock();
  return {};
};

serve({
  confirm,
  token,
  retrieve,
  submit: async () => obstacle() ?? { selectedPaymentMethod: state.choice.value.type },
  fetchUpdates,
  update,
  focus: () => state.choice?.form?.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => state.choice?.forms.forEach((form) => form.clear()),
  collapse: () => state.choice?.collapse(),
});

root.addEventListener('submit', (event) => event.preventDefault());
root.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell('escape');
  if (event.key === 'Enter' && event.target.matches('input')) emit('enter');
});
root.addEventListener('focusin', ({ relatedTarget }) => { if (!relatedTarget) tell('focus'); });
root.addEventListener('focusout', ({ relatedTarget }) => { if (!relatedTarget) tell('blur'); });
new ResizeObserver(() => emit('height', root.offsetHeight + 8)).observe(root);

connect(({ key, locale, group, options }) => {
  Object.assign(state, { key, locale, group, options });
  document.documentElement.lang = locale;
  useLocale(locale);
  document.getElementById('note').textContent = word('note');
  setFonts(group.fonts);
  setAppearance(group.appearance);
  start();
});
