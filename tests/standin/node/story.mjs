// The official Node SDK walks a whole story against the stand-in. Arguments: host and port.

import assert from 'node:assert/strict';
import Stripe from 'stripe';

const [host, port] = process.argv.slice(2);
const stripe = new Stripe('sk_test_standin', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
const back = 'http://shop.test/return';
const order = { amount: 1999, currency: 'eur', metadata: { order: 'node-1' } };

const refused = async (promise) => promise.then(() => assert.fail('it was not refused'), (error) => error);

const intent = await stripe.paymentIntents.create(order, { idempotencyKey: 'node-1' });
assert.equal(intent.status, 'requires_payment_method');
assert.equal((await stripe.paymentIntents.create(order, { idempotencyKey: 'node-1' })).id, intent.id);
const reused = await refused(stripe.paymentIntents.create({ ...order, amount: 2000 }, { idempotencyKey: 'node-1' }));
assert.equal(reused.type, 'StripeIdempotencyError');

const declined = await refused(stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa_chargeDeclined', return_url: back }));
assert.equal(declined.type, 'StripeCardError');
assert.equal(declined.decline_code, 'generic_decline');
assert.equal(declined.payment_intent.id, intent.id);

const asked = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_authenticationRequired', return_url: back });
assert.equal(asked.next_action.type, 'redirect_to_url');
await fetch(asked.next_action.redirect_to_url.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ full: '1', result: 'authorize' }) });
const paid = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge'] });
assert.equal(paid.status, 'succeeded');
assert.equal(paid.latest_charge.payment_method_details.card.three_d_secure.result, 'authenticated');

const held = await stripe.paymentIntents.create({ ...order, capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa', return_url: back });
assert.equal(held.status, 'requires_capture');
assert.equal((await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 })).amount_received, 1500);

const refund = await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
assert.equal(refund.status, 'succeeded');
const tooMuch = await refused(stripe.refunds.create({ payment_intent: paid.id, amount: 5000 }));
assert.equal(tooMuch.param, 'amount');

const ids = [];
for await (const one of stripe.paymentIntents.list({ limit: 1 })) ids.push(one.id);
assert.deepEqual(ids, [held.id, intent.id]);
const found = await stripe.paymentIntents.search({ query: "metadata['order']:'node-1' AND status:'succeeded'" });
assert.equal(found.data.length, 2);

const customer = await stripe.customers.create({ email: 'alice@example.org' });
await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
assert.equal((await stripe.customers.listPaymentMethods(customer.id)).data[0].card.last4, '4242');

const wrong = await refused(new Stripe('sk_live_1234567890abcdef', { host, port, protocol: 'http', maxNetworkRetries: 0 }).paymentIntents.list());
assert.equal(wrong.type, 'StripeAuthenticationError');

const events = await stripe.events.list({ type: 'payment_intent.succeeded' });
assert.equal(events.data[0].data.object.id, held.id);
console.log('told');
