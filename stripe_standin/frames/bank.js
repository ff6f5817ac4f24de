// The bank's question inside the sheet: Escape closes it, Tab never leaves it.

const buttons = [...document.querySelectorAll('button')];
const around = (message) => window.parent.postMessage(message, window.location.origin);

window.addEventListener('message', ({ source, origin, data }) => {
  if (source !== window.parent || origin !== window.location.origin) return;
  if (data === 'focus-first') buttons[0]?.focus();
  if (data === 'focus-last') buttons.at(-1)?.focus();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') around('bank-escape');
  const edge = event.shiftKey ? buttons[0] : buttons.at(-1);
  if (event.key === 'Tab' && document.activeElement === edge) {
    event.preventDefault();
    around('bank-focus-out');
  }
});
// What has no layout yet takes no focus, and a style sheet may still be on its way.
window.addEventListener('load', () => around('bank-ready'));
