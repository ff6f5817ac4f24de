// The bank's challenge, on top of the whole page.

const openChallenge = (address) => new Promise((resolve) => {
  const before = document.activeElement;
  const frame = new Frame(new URL(address).pathname, '3D Secure authentication', () => {
    frame.node.focus();
    return {};
  });
  const hidden = [...document.body.children].filter((node) => !node.inert && node.tagName !== 'SCRIPT');
  const overflow = document.documentElement.style.overflow;
  frame.style({
    position: 'fixed', inset: '0', width: '100%', height: '100%', border: '0', margin: '0', padding: '0',
    'z-index': '2147483647', background: 'transparent', 'color-scheme': 'light only', display: 'block',
    'max-width': 'none', 'max-height': 'none', visibility: 'visible', opacity: '1',
  });
  // The page beneath must neither scroll nor take the focus while the bank asks.
  hidden.forEach((node) => { node.inert = true; });
  document.documentElement.style.overflow = 'hidden';
  const close = () => {
    frame.destroy();
    hidden.forEach((node) => { node.inert = false; });
    document.documentElement.style.overflow = overflow;
    before?.focus?.({ preventScroll: true });
    resolve();
  };
  frame.on('done', close);
  document.body.append(frame.node);
});
