// Keeps a page fresh: looks again every two seconds, unless somebody is busy on it.

const busy = () => document.hidden
  || document.activeElement?.closest('form')
  || document.querySelector('details[open]')
  || !window.getSelection().isCollapsed;

const refresh = async () => {
  if (busy()) return;
  try {
    const response = await fetch(window.location.href);
    if (!response.ok || busy()) return;
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');
    const main = document.querySelector('main');
    if (fresh && fresh.innerHTML !== main.innerHTML) main.replaceWith(fresh);
  } catch {
    // The stand-in is down or restarting; the next look will tell.
  }
};

setInterval(refresh, 2000);
