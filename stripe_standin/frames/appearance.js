// The Appearance API: a theme, variables and rules, all given by the page around us as plain values.
// They are set through the style object, never as text, so no value can become more than a value.

const THEMES = {
  stripe: {},
  flat: { colorBackground: '#f1f3f5', borderColor: 'transparent', colorText: '#22252b', borderRadius: '4px' },
  night: {
    colorBackground: '#30313d', colorText: '#ffffff', colorPrimary: '#85d996', colorDanger: '#fe87a1',
  },
};
const VARIABLES = new Set([
  'colorPrimary', 'colorBackground', 'colorText', 'colorTextSecondary', 'colorTextPlaceholder', 'colorDanger',
  'colorSuccess', 'colorWarning', 'borderRadius', 'spacingUnit', 'gridRowSpacing', 'gridColumnSpacing', 'fontFamily',
  'fontSizeBase', 'fontSizeSm', 'fontSizeXs', 'fontLineHeight', 'fontWeightNormal', 'fontWeightMedium',
  'fontWeightBold', 'focusBoxShadow', 'focusOutline', 'iconColor', 'borderColor', 'tabSpacing', 'accordionItemSpacing',
]);
const SELECTOR = /^\.(Input|Select|Label|Error|Tab|TabLabel|TabIcon|Block|AccordionItem|PickerItem|CheckboxInput|Checkbox|CheckboxLabel|RadioIcon|RadioIconInner|RadioIconOuter|TermsText|Button|Note)(--[a-zA-Z]+)*(:(hover|focus|active|disabled|focus-visible|autofill)|::(placeholder|selection))*$/;
const PROPERTY = /^(?!(display|position|content|behavior|src|cursor|pointerEvents|visibility|zIndex)$)[a-zA-Z-]+$/;

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];

const hyphenated = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const setRules = (rules) => {
  while (sheet.cssRules.length) sheet.deleteRule(0);
  for (const [selectors, properties] of Object.entries(rules ?? {})) {
    const known = selectors.split(',').map((one) => one.trim()).filter((one) => SELECTOR.test(one));
    if (!known.length || typeof properties !== 'object') continue;
    // An input's rules are its country list's too, as long as that has none of its own.
    const both = known.flatMap((one) => (one.startsWith('.Input') && !one.includes('placeholder')
      ? [one, one.replace('.Input', '.Select')] : [one]));
    const { style } = sheet.cssRules[sheet.insertRule(`${both.join(',')} {}`, sheet.cssRules.length)];
    for (const [name, value] of Object.entries(properties ?? {})) {
      if (PROPERTY.test(name) && !/url\(/i.test(String(value))) style.setProperty(hyphenated(name), String(value));
    }
  }
};

const luminance = (color) => {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? ['255', '255', '255']).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
};

// Fonts of the page, by stylesheet or by file; only https addresses are loaded.
export const setFonts = (fonts = []) => {
  for (const { cssSrc, family, src, weight, style } of fonts) {
    if (cssSrc && new URL(cssSrc).protocol === 'https:') {
      document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: cssSrc }));
    } else if (family && src) {
      new FontFace(family, src, { weight, style }).load().then((font) => document.fonts.add(font), () => undefined);
    }
  }
};

export const setAppearance = ({ theme = 'stripe', variables = {}, rules = {} } = {}) => {
  const root = document.documentElement;
  for (const name of VARIABLES) root.style.removeProperty(`--${name}`);
  for (const [name, value] of Object.entries({ ...THEMES[theme], ...variables })) {
    if (VARIABLES.has(name)) root.style.setProperty(`--${name}`, String(value));
  }
  setRules(rules);
  const probe = document.createElement('span');
  probe.style.setProperty('color', 'var(--colorBackground)');
  document.body.append(probe);
  const dark = luminance(getComputedStyle(probe).color) < 0.4;
  probe.remove();
  // The root stays "normal" so that the frame stays see-through; the controls follow the background.
  document.body.style.setProperty('color-scheme', dark ? 'dark' : 'light');
};
