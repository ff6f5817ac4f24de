// What the page holds of an object of ours: its methods and an id. A framework may wrap it in a proxy of its own; the
// methods still work on the object itself, and the id still finds it.

const held = new Map();
let lastId = 0;

const handle = (inner, names) => {
  const id = lastId += 1;
  const made = {};
  for (const name of names) {
    made[name] = (...given) => {
      const answer = inner[name](...given);
      return answer === inner ? made : answer;
    };
  }
  Object.defineProperty(made, '__standin', { value: id });
  held.set(id, inner);
  inner.handle = made;
  return made;
};

// Returns the object behind what a page passes, null for anything else.
const behind = (given, kind) => {
  const inner = held.get(given?.__standin);
  return inner instanceof kind ? inner : null;
};

const letGo = (inner) => held.delete(inner.handle.__standin);

// Methods that Stripe documents and the stand-in does not have: they are there, and say so when called.
const notOffered = (names, owner) => Object.fromEntries(names.map((name) => [name, () => {
  fail(`${owner}.${name}() is not offered by this test stand-in for Stripe.`);
}]));
