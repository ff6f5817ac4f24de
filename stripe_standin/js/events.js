// Who listens to what. An event that nobody heard yet, such as `ready` before the page got to listening, waits for
// its first listener.

const KEPT = ['ready', 'loaderstart', 'loaderror'];

class Listeners {
  constructor() {
    this.handlers = {};
    this.unheard = {};
  }

  add(name, handler) {
    if (typeof name !== 'string') fail('Invalid event name: it must be a string.');
    if (typeof handler !== 'function') fail(`Invalid handler for "${name}": it must be a function.`);
    (this.handlers[name] ??= []).push(handler);
    if (!(name in this.unheard)) return;
    const value = this.unheard[name];
    delete this.unheard[name];
    queueMicrotask(() => handler(value));
  }

  addOnce(name, handler) {
    if (typeof handler !== 'function') fail(`Invalid handler for "${name}": it must be a function.`);
    const one = (value) => {
      this.remove(name, one);
      handler(value);
    };
    one.original = handler;
    this.add(name, one);
  }

  remove(name, handler) {
    const known = this.handlers[name] ?? [];
    this.handlers[name] = handler ? known.filter((one) => one !== handler && one.original !== handler) : [];
  }

  tell(name, value) {
    const handlers = [...(this.handlers[name] ?? [])];
    if (!handlers.length && KEPT.includes(name)) this.unheard[name] = value;
    for (const handler of handlers) queueMicrotask(() => handler(value));
  }

  forget() {
    this.unheard = {};
  }
}
