// Calls of the API from inside the frame: same origin, publishable key, form encoding.

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

export const get = (path, value) => send(`${path}?${form(value)}`, {});

export const post = (path, value) => send(path, { method: 'POST', body: form(value) });
