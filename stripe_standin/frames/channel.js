// Talks with the page around this frame. The first to answer our hello, the window around us, is the
// only one ever listened to, and its origin the only one ever written to.

let origin = null;
const verbs = {};

const post = (message) => {
  if (origin) window.parent.postMessage(message, origin);
};

export const emit = (name, value) => post({ kind: 'event', name, value });

export const tell = (name, value = {}) => emit('element', { name, value });

export const serve = (handlers) => Object.assign(verbs, handlers);

export const connect = (onInit) => {
  window.addEventListener('message', async ({ source, origin: from, data }) => {
    if (source !== window.parent || (origin && from !== origin)) return;
    if (data?.kind === 'init' && !origin) {
      origin = from;
      onInit(data.value);
    } else if (data?.kind === 'call') {
      const value = await verbs[data.name]?.(data.value);
      post({ kind: 'answer', id: data.id, value });
    }
  });
  if (window.parent !== window) window.parent.postMessage({ kind: 'hello' }, '*');
};
