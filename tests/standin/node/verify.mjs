// Verifies a delivery with the official Node SDK. Standard input: JSON of payload, header and secret.

import Stripe from 'stripe';
import { readFileSync } from 'node:fs';

const { payload, header, secret } = JSON.parse(readFileSync(0, 'utf8'));
const event = new Stripe('sk_test_standin').webhooks.constructEvent(payload, header, secret);
console.log(event.type);
