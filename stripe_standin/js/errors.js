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
