// The sheet over the shop's page: relays the bank frame's end, and keeps the keyboard inside.

import { connect, emit } from './channel.js';

const bank = document.getElementById('challengeFrame');
const close = document.getElementById('close');
let begun = false;
let done = false;

const askBank = (message) => bank.contentWindow.postMessage(message, window.location.origin);

const finish = () => {
  if (done) return;
  done = true;
  emit('done');
};

// Closing the sheet is an answer too: the bank takes it as "no".
const abandon = async () => {
  await fetch(window.location.pathname, { method: 'POST', body: new URLSearchParams({ result: 'fail' }) });
  finish();
};

window.addEventListener('message', ({ source, origin, data }) => {
  if (origin !== window.location.origin || source !== bank.contentWindow) return;
  if (data === 'bank-ready' && begun) askBank('focus-first');
  if (data === 'bank-done') finish();
  if (data === 'bank-escape') abandon();
  if (data === 'bank-focus-out') close.focus();
});
close.addEventListener('click', abandon);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') abandon();
  if (event.key === 'Tab' && document.activeElement === close) {
    event.preventDefault();
    askBank(event.shiftKey ? 'focus-last' : 'focus-first');
  }
});
// The bank's frame may be ready before the page around us is, or after: the later of the two moves the focus.
window.addEventListener('load', () => connect(() => {
  begun = true;
  askBank('focus-first');
}));
