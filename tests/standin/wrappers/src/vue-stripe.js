// @vue-stripe/vue-stripe: provider, group and element as components, and the composable that confirms.

import { usePaymentIntent, VueStripeElements, VueStripePaymentElement, VueStripeProvider } from '@vue-stripe/vue-stripe';
import { createApp, h } from 'vue';
import { KEY, secret, show } from './result.js';

const Form = {
  setup() {
    const { confirmPayment } = usePaymentIntent();
    const pay = async () => show(await confirmPayment({ clientSecret: secret, redirect: 'if_required' }));
    return () => [h(VueStripePaymentElement, { options: { layout: 'tabs' } }), h('button', { id: 'pay', onClick: pay }, 'Pay')];
  },
};

createApp({
  render: () => h(VueStripeProvider, { publishableKey: KEY },
    () => h(VueStripeElements, { clientSecret: secret }, () => h(Form))),
}).mount('#root');
