/* Search as you type: the header's field becomes a combobox whose list the server fills (htmx). Without it, a plain form. */
(() => {
  "use strict";

  const field = document.getElementById("q");
  const list = document.getElementById("suggestions");
  if (!field || !list) return;
  let chosen = null;

  for (const [name, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) field.setAttribute(name, value);

  const choose = (option) => {
    if (chosen) chosen.setAttribute("aria-selected", "false");
    chosen = option;
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  };

  const show = (open) => {
    list.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  };

  const step = (by) => {
    const options = [...list.children];
    const at = options.indexOf(chosen) + by;
    /* Past either end the choice leaves the list: the field's own words are searched for. */
    choose(chosen || by > 0 ? options[at] || null : options[options.length - 1]);
  };

  const keys = {
    ArrowDown: () => list.children.length && (list.hidden ? show(true) : step(1)),
    ArrowUp: () => !list.hidden && step(-1),
    Enter: () => !list.hidden && chosen && window.location.assign(chosen.dataset.url),
    Escape: () => !list.hidden && show(false),
  };
  field.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.isComposing) return;
    const chose = event.key === "Enter" && chosen && !list.hidden;
    const used = event.key === "Escape" ? !list.hidden : event.key !== "Enter" || chose;
    act();
    if (used) event.preventDefault();
  });
  field.addEventListener("blur", () => show(false));
  /* Pressing on an option must not take the focus, or the list would close before the click. */
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) window.location.assign(option.dataset.url);
  });
  /* Answers that come after the field was left or emptied open nothing. */
  list.addEventListener("htmx:afterSwap", () => {
    choose(null);
    show(list.children.length > 0 && document.activeElement === field && field.value.trim() !== "");
  });
})();
