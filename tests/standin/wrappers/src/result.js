// What every page knows: the secret it was opened with, and where to show what came of a try.

export const KEY = 'pk_test_standin';
export const secret = new URLSearchParams(location.search).get('secret');

export const show = ({ error, paymentIntent }) => {
  document.getElementById('message').textContent = error ? error.message : paymentIntent.status;
};
