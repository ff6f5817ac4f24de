// Lets the shopper choose between ways to pay: as tabs, or as an accordion.

import { icon, node } from './fields.js';
import { word } from './messages.js';

const ICONS = {
  card: 'M3 6.5A1.5 1.5 0 0 1 4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5zM3 9.5h18M6 15h4',
  bank: 'M12 3.5 20 8H4zM5 8v9M10 8v9M14 8v9M19 8v9M3.5 20h17M4 17h16',
  sepa_debit: 'M5 5.5h14a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6.5a1 1 0 0 1 1-1zM4 10h16M8 3v4M16 3v4',
  saved: 'M6 4h12v16l-6-4.5L6 20z',
};

const button = (form, kind) => {
  const made = node('button', { type: 'button', className: kind, id: `${form.kind}-tab` });
  const picture = icon(ICONS[form.kind] ?? ICONS.bank);
  picture.classList.add(`${kind === 'Tab' ? 'Tab' : 'AccordionItem'}Icon`);
  made.append(picture, node('span', { className: kind === 'Tab' ? 'TabLabel' : 'AccordionLabel', textContent: word(form.kind) }));
  return made;
};

const arrows = (event, buttons, choose) => {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const here = buttons.indexOf(event.currentTarget);
  const to = { Home: 0, End: buttons.length - 1 }[event.key]
    ?? (steps[event.key] ? (here + steps[event.key] + buttons.length) % buttons.length : null);
  if (to === null) return;
  event.preventDefault();
  buttons[to].focus();
  choose(to);
};

export class Tabs {
  constructor(forms, onChoose) {
    this.forms = forms;
    this.onChoose = onChoose;
    this.buttons = forms.map((form) => button(form, 'Tab'));
    this.list = node('div', { className: 'TabList', role: 'tablist' }, ...this.buttons);
    this.list.setAttribute('aria-label', word('methods'));
    this.panel = node('div', { className: 'Panel', role: 'tabpanel', id: 'panel' });
    this.nodes = [this.list, this.panel];
    this.buttons.forEach((one, index) => {
      one.setAttribute('role', 'tab');
      one.setAttribute('aria-controls', 'panel');
      one.addEventListener('click', () => this.choose(index));
      one.addEventListener('keydown', (event) => arrows(event, this.buttons, (to) => this.choose(to)));
    });
  }

  choose(index) {
    this.buttons.forEach((one, place) => {
      one.classList.toggle('Tab--selected', place === index);
      one.setAttribute('aria-selected', String(place === index));
      one.tabIndex = place === index ? 0 : -1;
    });
    this.panel.setAttribute('aria-labelledby', this.buttons[index].id);
    this.panel.replaceChildren(...this.forms[index].nodes);
    this.onChoose(this.forms[index]);
  }
}

export class Accordion {
  constructor(forms, onChoose, { radios = 'auto', spacedAccordionItems = false } = {}) {
    this.forms = forms;
    this.onChoose = onChoose;
    this.buttons = forms.map((form) => button(form, 'AccordionButton'));
    const dots = radios === 'always' || (radios !== 'never' && forms.length > 1);
    this.panels = forms.map((form, index) => {
      const panel = node('div', { className: 'AccordionPanel Panel', role: 'region', id: `${form.kind}-panel` });
      panel.setAttribute('aria-labelledby', this.buttons[index].id);
      return panel;
    });
    this.items = forms.map((form, index) => {
      const one = this.buttons[index];
      if (dots) one.prepend(node('span', { className: 'RadioIcon', ariaHidden: 'true' }));
      one.setAttribute('aria-controls', `${form.kind}-panel`);
      one.addEventListener('click', () => this.choose(index));
      one.addEventListener('keydown', (event) => arrows(event, this.buttons, () => undefined));
      return node('div', { className: 'AccordionItem' }, one, this.panels[index]);
    });
    const list = node('div', { className: `Accordion${spacedAccordionItems ? ' Accordion--spaced' : ''}`, role: 'group' }, ...this.items);
    list.setAttribute('aria-label', word('methods'));
    this.nodes = [list];
    this.choose(null);
  }

  choose(index) {
    this.forms.forEach((form, place) => {
      const open = place === index;
      this.items[place].classList.toggle('AccordionItem--selected', open);
      this.buttons[place].setAttribute('aria-expanded', String(open));
      this.panels[place].hidden = !open;
      this.panels[place].replaceChildren(...(open ? form.nodes : []));
    });
    this.onChoose(index === null ? null : this.forms[index]);
  }
}
