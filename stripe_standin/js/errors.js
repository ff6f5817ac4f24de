// Mistakes in the calling page, as opposed to what goes wrong with a payment, are thrown.

class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = 'IntegrationError';
  }
}

const fail = (message) => {
  throw new IntegrationError(message);
};

// What a page passes may be wrapped in a framework's proxies, which no message to a frame can carry: only plain
// data goes on.
const plain = (value, name) => {
  try {
    return JSON.parse(JSON.stringify(value ?? {}));
  } catch {
    return fail(`Invalid value for ${name}: it must be a plain object.`);
  }
};
