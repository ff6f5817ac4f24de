// @stripe/react-stripe-js in the older way: the Card Element, found again by its component.

import { CardElement, Elements, useElements, useStripe } from '@stripe/react-stripe-js';
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { KEY, secret, show } from './result.js';

const Form = () => {
  const [stripe, elements] = [useStripe(), useElements()];
  const pay = async () => show(await stripe.confirmCardPayment(secret, {
    payment_method: { card: elements.getElement(CardElement), billing_details: { name: 'Alice' } } }));
  return h('div', null, h(CardElement, { options: { hidePostalCode: true } }), h('button', { id: 'pay', onClick: pay }, 'Pay'));
};

createRoot(document.getElementById('root')).render(h(Elements, { stripe: window.Stripe(KEY) }, h(Form)));
