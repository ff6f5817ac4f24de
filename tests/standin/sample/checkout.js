// A page in the manner of Stripe's own quickstart: Link's e-mail field, an address, the payment, and back to the same
// page, which asks what became of it.

const stripe = Stripe('pk_test_standin');
const params = new URLSearchParams(location.search);
let elements;
let emailAddress = '';

const say = (text) => { document.getElementById('message').textContent = text; };

const initialize = () => {
  elements = stripe.elements({ appearance: { theme: 'stripe' }, clientSecret: params.get('secret') });
  const link = elements.create('linkAuthentication');
  link.mount('#link-authentication-element');
  link.on('change', (event) => { emailAddress = event.value.email; });
  elements.create('address', { mode: 'shipping', allowedCountries: ['NL', 'DE'] }).mount('#address-element');
  elements.create('payment', { layout: 'tabs' }).mount('#payment-element');
};

const handleSubmit = async (event) => {
  event.preventDefault();
  const { error } = await stripe.confirmPayment({
    elements,
    confirmParams: { return_url: `${location.origin}/checkout`, receipt_email: emailAddress },
  });
  say(error.type === 'card_error' || error.type === 'validation_error' ? error.message : `unexpected: ${error.message}`);
};

const checkStatus = async (secret) => {
  const { paymentIntent } = await stripe.retrievePaymentIntent(secret);
  say(paymentIntent.status);
};

const returned = params.get('payment_intent_client_secret');
if (returned) {
  checkStatus(returned);
} else {
  initialize();
  document.getElementById('payment-form').addEventListener('submit', handleSubmit);
}
