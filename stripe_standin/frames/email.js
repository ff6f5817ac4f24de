// The Link Authentication Element: an e-mail field. There is no Link here to log in to.

import { setAppearance, setFonts } from './appearance.js';
import { EMAIL } from './banks.js';
import { connect, emit, serve, tell } from './channel.js';
import { Field, node, onLeave } from './fields.js';
import { useLocale, word } from './messages.js';

const root = document.getElementById('root');
const state = { field: null, before: '' };

const email = () => state.field.value.trim();

const verdict = () => (!email() ? 'incomplete_email' : EMAIL.test(email()) ? null : 'invalid_email');

const change = () => {
  const now = { empty: !email(), complete: !verdict(), value: { email: email() } };
  const text = JSON.stringify(now);
  if (text !== state.before) tell('change', now);
  state.before = text;
};

const check = () => state.field.show(verdict(), verdict() && word(verdict()));

const draw = (given) => {
  const input = node('input', { type: 'email', autocomplete: 'email', spellcheck: false, value: given ?? '' });
  state.field = new Field('email', word('email'), input, { id: 'Field-emailInput' });
  input.addEventListener('input', () => {
    if (state.field.code && !verdict()) state.field.show(null);
    change();
  });
  onLeave(input, check);
  root.append(state.field.node);
};

serve({
  value: () => ({ email: verdict() ? null : email() }),
  update: ({ group }) => { if (group) setAppearance(group.appearance); return {}; },
  focus: () => state.field.input.focus(),
  blur: () => document.activeElement?.blur(),
  clear: () => {
    state.field.input.value = '';
    state.field.show(null);
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
new ResizeObserver(() => emit('height', root.offsetHeight + 8)).observe(root);

connect(({ locale, group, options }) => {
  document.documentElement.lang = locale;
  useLocale(locale);
  setFonts(group.fonts);
  setAppearance(group.appearance);
  draw(options.defaultValues?.email);
  tell('ready');
  change();
});
