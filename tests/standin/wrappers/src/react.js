// @stripe/react-stripe-js: the provider, the Payment Element with listeners, and the two hooks.

import { Elements, LinkAuthenticationElement, PaymentElement, useElements, useStripe } from '@stripe/react-stripe-js';
import { loadStripe } from '@stripe/stripe-js';
import { createElement as h, StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { KEY, secret, show } from './result.js';

const promise = loadStripe(KEY);

const Form = () => {
  const [stripe, elements] = [useStripe(), useElements()];
  const [ready, setReady] = useState(false);
  const pay = async (event) => {
    event.preventDefault();
    const { error } = await elements.submit();
    show(error ? { error } : await stripe.confirmPayment({ elements, redirect: 'if_required' }));
  };
  return h('form', { onSubmit: pay },
    h(LinkAuthenticationElement, { options: { defaultValues: { email: 'al@example.org' } } }),
    h(PaymentElement, { options: { layout: 'tabs' }, onReady: () => setReady(true), onChange: () => {}, onClick: () => {},
      onLoaderStart: () => {}, onEscape: () => {} }),
    h('button', { id: 'pay', disabled: !ready }, 'Pay'));
};

createRoot(document.getElementById('root')).render(h(StrictMode, null,
  h(Elements, { stripe: promise, options: { clientSecret: secret, appearance: { theme: 'stripe' } } }, h(Form))));
