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

// A fault of ours must not leave the page waiting.
const answer = async (verb, value) => {
  try {
    return await verb?.(value);
  } catch (problem) {
    console.error(problem);
    return { error: { type: 'api_error', message: `The stand-in failed: ${problem.message}` } };
  }
};

export const connect = (onInit) => {
  window.addEventListener('message', async ({ source, origin: from, data }) => {
    if (source !== window.parent || (origin && from !== origin)) return;
    if (data?.kind === 'init' && !origin) {
      origin = from;
      onInit(data.value);
    } else if (data?.kind === 'call') {
      post({ kind: 'answer', id: data.id, value: await answer(verbs[data.name], data.value) });
    }
  });
  if (window.parent !== window) window.parent.postMessage({ kind: 'hello' }, '*');
};
