// One field: label, input, error; the error is tied to the input and announced.

export const node = (tag, properties = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made && name !== 'list') made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
};

export const icon = (paths) => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths);
  svg.append(path);
  return svg;
};

// Checks a field when it is left. Where the focus left the frame, perhaps by a press on the page's button, the
// check waits: an error that grows the frame would move that button away from under the pointer.
export const onLeave = (input, check) => input.addEventListener('blur', ({ relatedTarget }) => {
  setTimeout(() => { if (document.activeElement !== input && input.value) check(); }, relatedTarget ? 0 : 300);
});

export class Field {
  constructor(name, label, input, { kind = 'Input', box = '', id = `payment-${name}Input` } = {}) {
    this.name = name;
    this.input = input;
    this.code = null;
    Object.assign(input, { id, name, className: kind, required: true });
    input.setAttribute('aria-invalid', 'false');
    input.setAttribute('aria-describedby', `Field-${name}Error`);
    this.label = node('label', { className: 'Label', htmlFor: id, textContent: label });
    this.error = node('p', { className: 'Error', id: `Field-${name}Error`, role: 'alert' });
    this.box = node('div', { className: `Box ${box}` }, input);
    this.node = node('div', { className: 'Field' }, this.label, this.box, this.error);
  }

  get value() { return this.input.value; }

  show(code, text) {
    this.code = code;
    this.input.classList.toggle('Input--invalid', Boolean(code));
    this.input.setAttribute('aria-invalid', code ? 'true' : 'false');
    if (this.error.textContent !== (text ?? '')) this.error.textContent = text ?? '';
  }

  hide(hidden) {
    this.node.hidden = hidden;
  }
}
