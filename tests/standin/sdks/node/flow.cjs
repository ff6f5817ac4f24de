// One shop's day with Stripe's Node SDK. Arguments: the package's name, host and port of the stand-in, a webhook's
// secret. Standard input: a delivery as JSON of payload and header, asked for by a line "webhook" on standard output.

const assert = require('node:assert/strict');
const { createInterface } = require('node:readline');

const [name, host, port, secret] = process.argv.slice(2);
const loaded = require(name);
const Stripe = loaded.Stripe ?? loaded.default ?? loaded;
const stripe = new Stripe('sk_test_standin', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });

const refused = (promise) => promise.then(() => assert.fail('it was not refused'), (error) => error);

const day = async () => {
  const customer = await stripe.customers.create({ email: 'alice@example.org', name: 'Alice', metadata: { shop: '7' } });
  assert.equal((await stripe.customers.update(customer.id, { description: 'A reader' })).description, 'A reader');
  const order = { amount: 1999, currency: 'eur', customer: customer.id, metadata: { order: '1' }, confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' } };
  const intent = await stripe.paymentIntents.create(
    { ...order, payment_method: 'pm_card_visa', expand: ['latest_charge', 'customer'] }, { idempotencyKey: 'one' });
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.latest_charge.payment_method_details.card.last4, '4242');
  assert.equal(intent.customer.email, 'alice@example.org');
  const error = await refused(stripe.paymentIntents.create({ ...order, payment_method: 'pm_card_visa_chargeDeclined' }));
  assert.deepEqual([error.type, error.code, error.statusCode], ['StripeCardError', 'card_declined', 402]);
  const again = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge.balance_transaction'] });
  assert.equal(again.amount_received, 1999);
  const statuses = [];
  for await (const one of stripe.paymentIntents.list({ customer: customer.id, limit: 1 })) statuses.push(one.status);
  assert.deepEqual(statuses, ['requires_payment_method', 'succeeded']);
  const query = "metadata['order']:'1' AND status:'succeeded'";
  assert.equal((await stripe.paymentIntents.search({ query })).data[0].id, intent.id);
  assert.ok((await stripe.charges.search({ query: "amount:1999 AND refunded:'false'" })).data.length);
  assert.equal((await stripe.customers.search({ query: "metadata['shop']:'7'" })).data[0].id, customer.id);
  assert.equal((await stripe.refunds.create({ payment_intent: intent.id, amount: 500 })).status, 'succeeded');
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
  assert.equal((await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })).data[0].id, method.id);
  const { data } = await stripe.events.list({ limit: 20 });
  assert.ok(data.some(({ type }) => type === 'payment_intent.succeeded'));
  return intent;
};

const verify = (line, intent) => {
  const { payload, header } = JSON.parse(line);
  const event = stripe.webhooks.constructEvent(payload, header, secret);
  assert.deepEqual([event.type, event.data.object.id], ['payment_intent.succeeded', intent.id]);
  assert.throws(() => stripe.webhooks.constructEvent(payload, header, 'whsec_other'));
};

day().then((intent) => {
  const lines = createInterface({ input: process.stdin });
  lines.once('line', (line) => {
    verify(line, intent);
    console.log(`told ${Stripe.PACKAGE_VERSION ?? stripe.getConstant?.('PACKAGE_VERSION') ?? ''}`.trim());
    lines.close();
  });
  console.log('webhook');
}).catch((problem) => {
  console.error(problem);
  process.exit(1);
});
