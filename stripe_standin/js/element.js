// One element on the page: a frame in a container, and the events it sends.

const TITLES = { payment: 'Secure payment input frame', address: 'Secure address input frame' };
const EVENTS = {
  payment: [
    'ready', 'loaderstart', 'loaderror', 'change', 'focus', 'blur', 'escape', 'carddetailschange',
    'availablepaymentmethodschange', 'savedpaymentmethodupdate', 'savedpaymentmethodremove', 'update-end',
  ],
  address: ['ready', 'loaderstart', 'loaderror', 'change', 'focus', 'blur', 'escape', 'update-end'],
  expressCheckout: [
    'ready', 'loaderstart', 'loaderror', 'click', 'confirm', 'cancel', 'shippingaddresschange', 'shippingratechange',
    'availablepaymentmethodschange', 'focus', 'blur', 'escape', 'update-end',
  ],
};

const plain = (value, name) => {
  try {
    return JSON.parse(JSON.stringify(value ?? {}));
  } catch {
    return fail(`Invalid value for ${name}: it must be a plain object.`);
  }
};

const checkOptions = (kind, options = {}) => {
  if (kind === 'address' && !['shipping', 'billing'].includes(options.mode)) {
    fail("elements.create('address'): mode should be 'shipping' or 'billing'.");
  }
};

class Element {
  constructor(kind, options, group) {
    checkOptions(kind, options);
    this.kind = kind;
    this.options = plain(options, `elements.create('${kind}')`);
    this.group = group;
    this.listeners = {};
    this.frame = null;
    this.container = null;
    this.gone = false;
  }

  alive() {
    if (this.gone) fail('This Element has already been destroyed. Please create a new one.');
  }

  on(name, handler) {
    this.alive();
    if (!EVENTS[this.kind].includes(name)) fail(`"${name}" is not a valid event name for the ${this.kind} Element.`);
    if (typeof handler !== 'function') fail(`Invalid handler for "${name}": it must be a function.`);
    (this.listeners[name] ??= []).push(handler);
    return this;
  }

  once(name, handler) {
    const one = (value) => {
      this.off(name, one);
      handler(value);
    };
    return this.on(name, one);
  }

  off(name, handler) {
    this.listeners[name] = handler ? (this.listeners[name] ?? []).filter((known) => known !== handler) : [];
    return this;
  }

  emit(name, value = {}) {
    for (const handler of [...(this.listeners[name] ?? [])]) {
      queueMicrotask(() => handler({ elementType: this.kind, ...value }));
    }
  }

  mount(target) {
    this.alive();
    const container = typeof target === 'string' ? document.querySelector(target) : target;
    if (!container) {
      fail(`The selector you specified (${target}) applies to no DOM elements that are currently on the page. `
        + 'Make sure the element exists on the page before calling mount().');
    }
    if (!(container instanceof Node)) fail('Invalid DOM element. Call mount() with a valid DOM element or selector.');
    if (this.container === container && this.frame) return this;
    if (this.container) this.unmount();
    container.replaceChildren();
    container.classList.add('StripeElement');
    this.container = container;
    this.emit('loaderstart');
    if (this.kind === 'expressCheckout') {
      // There are no wallets here, and Stripe says so in just this way: ready, with nothing available.
      this.emit('ready', { availablePaymentMethods: undefined });
      return this;
    }
    this.frame = this.makeFrame();
    const wrapper = document.createElement('div');
    wrapper.className = '__PrivateStripeElement';
    for (const [name, value] of Object.entries({ margin: '-4px', padding: '0', border: '0', display: 'block',
      background: 'transparent', position: 'relative', opacity: '1', clear: 'both' })) {
      wrapper.style.setProperty(name, value, 'important');
    }
    wrapper.append(this.frame.node);
    container.append(wrapper);
    return this;
  }

  makeFrame() {
    const frame = new Frame(`/frames/${this.kind}.html`, TITLES[this.kind], () => ({
      key: this.group.stripe.key,
      locale: this.group.locale(),
      group: this.group.settings,
      options: this.options,
    }));
    frame.style({
      border: '0', margin: '0', padding: '0', width: '100%', 'min-width': '100%', height: '280px',
      display: 'block', overflow: 'hidden', 'user-select': 'none', 'color-scheme': 'light only',
      transition: 'none', 'max-width': 'none',
    });
    frame.on('height', (pixels) => frame.style({ height: `${Math.max(1, Math.min(5000, Number(pixels) || 0))}px` }));
    // Enter in a field sends the form around the element, as it would for a field of the page's own.
    frame.on('enter', () => this.container?.closest('form')?.requestSubmit());
    frame.on('element', ({ name, value }) => this.fromFrame(name, value));
    return frame;
  }

  fromFrame(name, value) {
    const marks = { focus: ['add', 'focus'], blur: ['remove', 'focus'] }[name];
    if (marks) this.container?.classList[marks[0]](`StripeElement--${marks[1]}`);
    if (name === 'change') {
      this.container?.classList.toggle('StripeElement--complete', value.complete);
      this.container?.classList.toggle('StripeElement--empty', value.empty);
    }
    this.emit(name, value);
  }

  unmount() {
    this.alive();
    this.frame?.destroy();
    this.frame = null;
    this.container?.replaceChildren();
    this.container?.classList.remove('StripeElement', 'StripeElement--focus', 'StripeElement--complete',
      'StripeElement--empty');
    this.container = null;
    return this;
  }

  destroy() {
    this.unmount();
    this.gone = true;
    this.group.forget(this);
    return this;
  }

  update(options) {
    this.alive();
    Object.assign(this.options, plain(options, 'element.update()'));
    this.frame?.call('update', { options: this.options });
    return this;
  }

  tell(name) {
    this.alive();
    if (!this.frame) fail(`The ${this.kind} Element must be mounted before calling ${name}().`);
    this.frame.call(name);
    return this;
  }

  // Only the Address Element holds something the page may read.
  async getValue() {
    if (this.kind !== 'address') fail(`getValue() is not a method of the ${this.kind} Element.`);
    this.alive();
    if (!this.frame) fail('The address Element must be mounted before calling getValue().');
    return this.frame.call('value');
  }

  focus() {
    this.frame?.node.focus();
    return this.tell('focus');
  }

  blur() { return this.tell('blur'); }

  clear() { return this.tell('clear'); }

  collapse() { return this.tell('collapse'); }
}
