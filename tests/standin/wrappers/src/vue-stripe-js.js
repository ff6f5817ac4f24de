// vue-stripe-js: its two components, found by a template ref, all of it in Vue's proxies.

import { createApp, h, ref } from 'vue';
import { StripeElement, StripeElements } from 'vue-stripe-js';
import { KEY, secret, show } from './result.js';

createApp({
  setup() {
    const group = ref();
    const elementsOptions = ref({ clientSecret: secret, appearance: { theme: 'flat' } });
    const options = ref({ layout: { type: 'accordion' } });
    const pay = async () => {
      const { instance, elements } = group.value;
      show(await instance.confirmPayment({ elements, redirect: 'if_required' }));
    };
    return () => [
      h(StripeElements, { ref: group, stripeKey: KEY, instanceOptions: {}, elementsOptions: elementsOptions.value }, {
        default: ({ elements }) => h(StripeElement, { type: 'payment', elements, options: options.value }),
      }),
      h('button', { id: 'pay', onClick: pay }, 'Pay'),
    ];
  },
}).mount('#root');
