// A frame of the stand-in's own origin, and the only way to talk with it: messages whose origin and
// window are checked at both ends. The page around it may forbid inline styles, so looks are set
// property by property.

const ORIGIN = new URL(document.currentScript.src).origin;
let frameCount = 0;

class Frame {
  constructor(path, title, hello) {
    this.node = document.createElement('iframe');
    this.node.name = `__privateStripeFrame${1000 + frameCount++}`;
    this.node.title = title;
    this.node.src = ORIGIN + path;
    this.node.setAttribute('allow', 'payment *');
    this.node.setAttribute('frameborder', '0');
    this.hello = hello;
    this.handlers = {};
    this.calls = new Map();
    this.waiting = [];
    this.ready = false;
    this.listen = (event) => this.receive(event);
    window.addEventListener('message', this.listen);
  }

  style(properties) {
    for (const [name, value] of Object.entries(properties)) {
      this.node.style.setProperty(name, value, 'important');
    }
  }

  on(name, handler) {
    this.handlers[name] = handler;
  }

  receive({ source, origin, data }) {
    if (origin !== ORIGIN || !this.node.contentWindow || source !== this.node.contentWindow) return;
    if (data?.kind === 'hello') {
      this.ready = true;
      this.post({ kind: 'init', value: this.hello() });
      this.waiting.splice(0).forEach((message) => this.post(message));
    } else if (data?.kind === 'answer') {
      this.calls.get(data.id)?.(data.value);
      this.calls.delete(data.id);
    } else if (data?.kind === 'event') {
      this.handlers[data.name]?.(data.value);
    }
  }

  post(message) {
    this.node.contentWindow.postMessage(plain(message, 'a message'), ORIGIN);
  }

  // A call made before the frame has loaded waits for it.
  call(name, value) {
    const id = Math.random().toString(36).slice(2);
    const message = { kind: 'call', id, name, value };
    const answer = new Promise((resolve) => this.calls.set(id, resolve));
    if (this.ready) this.post(message);
    else this.waiting.push(message);
    return answer;
  }

  // Taken out of the page, a frame forgets everything; put back, it says hello again.
  detach() {
    this.ready = false;
    this.node.remove();
  }

  destroy() {
    window.removeEventListener('message', this.listen);
    this.detach();
  }
}
