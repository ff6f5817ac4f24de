// @stripe/stripe-js alone: the loader finds the script that the page has.

import { loadStripe } from '@stripe/stripe-js';
import { KEY, secret, show } from './result.js';

const stripe = await loadStripe(KEY);
const elements = stripe.elements({ clientSecret: secret });
elements.create('payment').mount('#root');
const button = Object.assign(document.createElement('button'), { id: 'pay', textContent: 'Pay' });
button.addEventListener('click', async () => show(await stripe.confirmPayment({ elements, redirect: 'if_required' })));
document.body.append(button);
