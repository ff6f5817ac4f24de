// Calls of the API with a publishable key, form encoded. The script on the page holds a copy of this file, put in by
// `script.py`, and calls from the page's origin; frames call from our own.

const CONNECTION = {
  error: { type: 'api_connection_error', message: 'We could not reach the payment service. Please try again.' },
};

const encode = (value, name, pairs) => {
  if (value === undefined || value === null) return;
  if (typeof value === 'object') {
    for (const [key, child] of Object.entries(value)) encode(child, name ? `${name}[${key}]` : key, pairs);
  } else {
    pairs.append(name, String(value));
  }
};

export const form = (value) => {
  const pairs = new URLSearchParams();
  encode(value, '', pairs);
  return pairs;
};

const send = async (address, options) => {
  try {
    const response = await fetch(address, { credentials: 'omit', ...options });
    const body = await response.json();
    return response.ok ? { body } : { error: body.error };
  } catch {
    return CONNECTION;
  }
};

export const client = (origin) => ({
  get: (path, value) => send(`${origin}${path}?${form(value)}`, {}),
  post: (path, value) => send(origin + path, { method: 'POST', body: form(value) }),
});

export const { get, post } = client('');
