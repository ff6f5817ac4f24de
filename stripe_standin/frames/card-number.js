// Card numbers: brand, grouping, check digit; and dates. Pure functions, no page.

const BRANDS = [
  { name: 'amex', title: 'Amex', start: /^3[47]/, lengths: [15], groups: [4, 6, 5], cvc: 4 },
  { name: 'diners', title: 'Diners', start: /^3[0689]/, lengths: [14, 16], groups: [4, 6, 4], cvc: 3 },
  { name: 'jcb', title: 'JCB', start: /^35/, lengths: [16], groups: [4, 4, 4, 4], cvc: 3 },
  { name: 'discover', title: 'Discover', start: /^(6011|65|64[4-9])/, lengths: [16], groups: [4, 4, 4, 4], cvc: 3 },
  { name: 'unionpay', title: 'UnionPay', start: /^(62|81)/, lengths: [16, 19], groups: [4, 4, 4, 4, 3], cvc: 3 },
  { name: 'mastercard', title: 'Mastercard', start: /^(5[1-5]|2[2-7])/, lengths: [16], groups: [4, 4, 4, 4], cvc: 3 },
  { name: 'visa', title: 'Visa', start: /^4/, lengths: [16], groups: [4, 4, 4, 4], cvc: 3 },
];
const UNKNOWN = { name: 'unknown', title: '', lengths: [16], groups: [4, 4, 4, 4, 3], cvc: 3 };

export const digits = (text) => text.replace(/\D/g, '');

export const brandOf = (number) => BRANDS.find(({ start }) => start.test(number)) ?? UNKNOWN;

export const group = (number) => {
  const brand = brandOf(number);
  const groups = brand.name === 'diners' && (number.length > 14 || number.startsWith('30')) ? [4, 4, 4, 4] : brand.groups;
  const parts = [];
  let rest = number;
  for (const size of groups) {
    if (rest) parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return parts.join(' ');
};

export const maxLength = (number) => Math.max(...brandOf(number).lengths);

export const passesLuhn = (number) => {
  let sum = 0;
  for (const [index, digit] of [...number].reverse().entries()) {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
};

export const checkNumber = (number) => {
  if (!brandOf(number).lengths.includes(number.length)) return 'incomplete_number';
  return passesLuhn(number) ? null : 'incorrect_number';
};

export const checkExpiry = (text, now = new Date()) => {
  const typed = digits(text);
  const month = Number(typed.slice(0, 2));
  if (typed.length >= 2 && (month < 1 || month > 12)) return 'invalid_expiry_month';
  if (typed.length < 4) return 'incomplete_expiry';
  const year = 2000 + Number(typed.slice(2, 4));
  if (year > now.getFullYear() + 50) return 'invalid_expiry_year';
  if (year < now.getFullYear()) return 'invalid_expiry_year_past';
  if (year === now.getFullYear() && month < now.getMonth() + 1) return 'invalid_expiry_month_past';
  return null;
};

export const formatExpiry = (text, previous) => {
  let typed = digits(text).slice(0, 4);
  if (/^[2-9]$/.test(typed) || /^1\s*\//.test(text) && typed.length === 1) typed = `0${typed}`;
  const deleting = text.length < previous.length;
  if (typed.length > 2) return `${typed.slice(0, 2)} / ${typed.slice(2)}`;
  return typed.length === 2 && !deleting ? `${typed} / ` : typed;
};
