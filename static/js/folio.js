/* What the pages do beyond HTML. Every page works without it; nothing here knows about money. */
(() => {
  "use strict";

  /* Say something to screen readers. Emptied first, so that the same words twice are said twice. */
  const announce = (words) => {
    const live = document.getElementById("live");
    if (!live) return;
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 100);
  };

  const focusErrors = (root) => {
    const summary = root.querySelector(".wrongs");
    if (summary) summary.focus();
  };

  /* − and +: change the number between its least and its most, and let the form know. */
  const step = (key) => {
    const input = key.parentElement.querySelector("input");
    const least = Number(input.min || 0);
    const most = input.max ? Number(input.max) : Infinity;
    const wanted = (parseInt(input.value, 10) || 0) + Number(key.dataset.step);
    const value = Math.min(Math.max(wanted, least), most);
    if (String(value) === input.value) return;
    input.value = value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /* A form on its way: its button says so and a second press is ignored. */
  const begin = (form, button) => {
    form.dataset.sending = "";
    if (!button || !button.matches(".button")) return;
    button.setAttribute("aria-busy", "true");
    if (button.dataset.busy) {
      button.dataset.idle = button.textContent;
      button.textContent = button.dataset.busy;
    }
  };

  const end = (form) => {
    delete form.dataset.sending;
    form.querySelectorAll("[aria-busy=true]").forEach((button) => {
      button.removeAttribute("aria-busy");
      if (button.dataset.idle) button.textContent = button.dataset.idle;
      delete button.dataset.idle;
    });
  };

  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-step]");
    if (key) step(key);
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
  });

  /* At the window and not on capture: who cancelled the event on the way keeps the button as it is. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if ("sending" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  window.addEventListener("submit", (event) => {
    const isHtmx = event.target.closest("[hx-post], [hx-get]");
    if (isHtmx || !event.defaultPrevented) begin(event.target, event.submitter);
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form");
    if (form) end(form);
  });
  /* All cards share one form; what is answered stands below the button that was pressed. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    const said = event.target.querySelector("[aria-busy=true] + .said");
    if (said) event.detail.target = said;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    focusErrors(event.target);
    const words = event.target.querySelector("[data-announce]");
    if (words) announce(words.dataset.announce || words.textContent.trim());
  });

  /* Sent by the server as HX-Trigger: {"announce": "Walden is in your cart. 3 books."} */
  document.addEventListener("announce", (event) => announce(event.detail.value));

  /* A page that the browser kept may show an old cart and a button that still says it is busy. */
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sending]").forEach(end);
    document.body.dispatchEvent(new Event("cart-changed"));
  });

  /* On a phone the category that is open may lie outside the bar: bring it in, without moving the page. */
  const open = document.querySelector(".categories [aria-current]");
  if (open) open.closest("ul").scrollLeft = open.offsetLeft - 16;

  focusErrors(document);
})();
