// One element on the page: a frame in a container, and the events it sends.

class Element {
  constructor(kind, options, group) {
    checkKind(kind, options);
    this.kind = kind;
    this.options = { ...plain(options, `elements.create('${kind}')`), ...KINDS[kind].options };
    this.group = group;
    this.listeners = new Listeners();
    this.frame = null;
    this.container = null;
    this.gone = false;
    handle(this, [...METHODS, ...(KINDS[kind].more ?? [])]);
    const others = ['collapse', 'getValue'].filter((name) => !(name in this.handle));
    Object.assign(this.handle, notOffered(others, `the ${kind} Element`));
  }

  alive() {
    if (this.gone) fail('This Element has already been destroyed. Please create a new one.');
  }

  on(name, handler) {
    this.alive();
    this.listeners.add(name, handler);
    return this;
  }

  once(name, handler) {
    this.alive();
    this.listeners.addOnce(name, handler);
    return this;
  }

  off(name, handler) {
    this.listeners.remove(name, handler);
    return this;
  }

  emit(name, value = {}) {
    this.listeners.tell(name, { elementType: this.kind, ...value });
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
    container.classList.add('StripeElement', 'StripeElement--empty');
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
    for (const [name, value] of Object.entries({ margin: this.isField ? '0' : '-4px', padding: '0', border: '0',
      display: 'block', background: 'transparent', position: 'relative', opacity: '1', clear: 'both' })) {
      wrapper.style.setProperty(name, value, 'important');
    }
    wrapper.append(this.frame.node);
    container.append(wrapper);
    this.followLabel();
    return this;
  }

  // A field is one line inside a box that the page draws itself.
  get isField() {
    return KINDS[this.kind].page === 'card';
  }

  makeFrame() {
    const frame = new Frame(`/frames/${KINDS[this.kind].page}.html`, KINDS[this.kind].title, () => ({
      kind: this.kind,
      key: this.group.stripe.key,
      locale: this.group.locale(),
      group: this.group.settings,
      options: this.options,
    }));
    frame.style({
      border: '0', margin: '0', padding: '0', width: '100%', 'min-width': '100%',
      height: this.isField ? '19px' : '280px', display: 'block', overflow: 'hidden', 'user-select': 'none',
      'color-scheme': 'light only', transition: 'none', 'max-width': 'none',
    });
    frame.on('height', (pixels) => frame.style({ height: `${Math.max(1, Math.min(5000, Number(pixels) || 0))}px` }));
    // Enter in a field sends the form around the element, as it would for a field of the page's own.
    frame.on('enter', () => this.container?.closest('form')?.requestSubmit());
    frame.on('element', ({ name, value }) => this.fromFrame(name, value));
    return frame;
  }

  // A press on a label of the page that names the container goes into the field, as for an input.
  followLabel() {
    if (!this.container.id) return;
    const label = document.querySelector(`label[for="${CSS.escape(this.container.id)}"]`);
    label?.addEventListener('click', () => { if (this.frame) this.focus(); });
  }

  fromFrame(name, value) {
    const mark = (what, on) => {
      this.container?.classList.toggle(this.options.classes?.[what] ?? `StripeElement--${what}`, Boolean(on));
    };
    if (name === 'focus' || name === 'blur') mark('focus', name === 'focus');
    if (name === 'change') {
      mark('complete', value.complete);
      mark('empty', value.empty);
      mark('invalid', value.error);
    }
    this.emit(name, value);
  }

  unmount() {
    this.alive();
    this.frame?.destroy();
    this.frame = null;
    this.listeners.forget();
    this.container?.replaceChildren();
    const given = ['focus', 'complete', 'empty', 'invalid'].map((what) => this.options.classes?.[what]
      ?? `StripeElement--${what}`);
    this.container?.classList.remove('StripeElement', ...given);
    this.container = null;
    return this;
  }

  destroy() {
    this.unmount();
    this.gone = true;
    this.group.forget(this);
    letGo(this);
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
    if (this.kind === 'expressCheckout') return this;
    if (!this.frame) fail(`The ${this.kind} Element must be mounted before calling ${name}().`);
    this.frame.call(name);
    return this;
  }

  // Only the Address Element holds something the page may read.
  async getValue() {
    this.alive();
    if (!this.frame) fail(`The ${this.kind} Element must be mounted before calling getValue().`);
    return this.frame.call('value');
  }

  focus() {
    this.frame?.node.focus();
    return this.tell('focus');
  }

  blur() { return this.tell('blur'); }

  clear() { return this.tell('clear'); }

  collapse() { return this.tell('collapse'); }

  // There is no wallet's sheet that could show a failure.
  paymentFailed() { return this; }
}
