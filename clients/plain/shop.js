// A whole shop in one file, without a framework, on Folio's JSON API. Every page is an address (`?book=walden`) and a
// template of index.html; links are links, and the browser's own Back works. Read it from `pages` on.

const { api } = await (await fetch("config.json")).json();
const address = new URLSearchParams(location.search);
const main = document.querySelector("main");

// --- The API: two headers say who asks, since no cookie goes to another origin. ---

class Refusal extends Error {
  constructor(status, { code, message, fields = {}, lines = [] }) {
    super(message);
    Object.assign(this, { status, code, fields, lines });
  }
}

async function ask(method, path, body, headers = {}) {
  const said = { "Accept-Language": document.documentElement.lang, ...headers };
  if (localStorage.session) said["X-Session-Token"] = localStorage.session;
  if (localStorage.cart) said["X-Cart-Token"] = localStorage.cart;
  if (body) said["Content-Type"] = "application/json";
  const options = { method, headers: said, credentials: "omit", body: body && JSON.stringify(body) };
  const answer = await fetch(api + path, options).catch(() => null);
  if (!answer) throw new Refusal(0, { code: "no_answer", message: "The shop did not answer. Check the connection, then try again." });
  const found = await answer.json().catch(() => ({}));
  if (answer.ok) return found;
  if (answer.status === 401) delete localStorage.session;
  throw new Refusal(answer.status, found.error ?? found.errors?.[0] ?? { code: "unknown", message: "The shop cannot answer just now. Try again." });
}

const get = (path) => ask("GET", `/api/v1${path}`);
const post = (path, body, headers) => ask("POST", `/api/v1${path}`, body, headers);

/** A visitor's cart has a token: it is the only way back to it. In an account there is none. */
function kept(cart) {
  if (cart.token) localStorage.cart = cart.token;
  else delete localStorage.cart;
  return cart;
}

const config = await get("/config").catch(fail);
const money = (amount) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: config.currency }).format(amount / 10 ** config.decimals);
const stock = ({ availability, left }) =>
  ({ in_stock: "In stock", few_left: `Only ${left} left`, sold_out: "Sold out" })[availability];

// --- The page: a template, filled. Text goes in as text, so nobody's words become markup. ---

function show(template, texts = {}) {
  main.replaceChildren(document.getElementById(template).content.cloneNode(true));
  for (const [name, text] of Object.entries(texts)) {
    const part = main.querySelector(`[data-text="${name}"]`);
    if (typeof text === "string") part.textContent = text;
    part.hidden = text === false || text === "";
  }
  document.title = `${main.querySelector("h1").textContent} · ${config.store_name}`;
}

/** Repeat the one child of a list for each thing, filled by `fill(child, thing)`. */
function list(name, things, fill) {
  const box = main.querySelector(`[data-list="${name}"]`);
  const [pattern] = box.children;
  box.replaceChildren(...things.map((thing) => {
    const child = pattern.cloneNode(true);
    fill(child, thing);
    return child;
  }));
  box.hidden = things.length === 0;
}

const write = (box, name, text) => (box.querySelector(`[data-text="${name}"]`).textContent = text);

function draw(image, picture) {
  if (picture) Object.assign(image, { src: new URL(picture.url, api), width: picture.width, height: picture.height });
  else image.remove();
}

function say(words) {
  document.getElementById("live").textContent = words;
}

/** What a refusal says: at the fields it is about, and above the page. */
function fail(error) {
  if (!(error instanceof Refusal)) throw error;
  main.querySelector(".problem")?.remove();
  const box = Object.assign(document.createElement("div"), { className: "problem", role: "alert" });
  box.append(Object.assign(document.createElement("b"), { textContent: error.message }));
  const told = [...Object.values(error.fields).flat(), ...error.lines.map(changed)];
  box.append(...told.map((words) => Object.assign(document.createElement("p"), { textContent: words })));
  main.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  for (const name of Object.keys(error.fields)) main.querySelector(`[name="${name}"]`)?.setAttribute("aria-invalid", "true");
  main.prepend(box);
  main.querySelector("[aria-invalid]")?.focus();
}

/** Let a form do something once at a time; what is refused is said, and what was typed stays. */
function act(name, work) {
  const form = main.querySelector(`[data-form="${name}"]`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy) return;
    form.ariaBusy = "true";
    await work(Object.fromEntries(new FormData(form, event.submitter)), form).catch(fail);
    form.ariaBusy = null;
  });
  return form;
}

function changed({ kind, title, before, after }) {
  return {
    price: `${title}: now ${money(after)}, was ${money(before)}.`,
    quantity: `${title}: there are only ${after}, so we lowered ${before} to ${after}.`,
    sold_out: `${title} is sold out. We took it out of your cart.`,
    gone: `${title} is not sold any more. We took it out of your cart.`,
  }[kind] ?? title;
}

/** Only with an account. Comes back here afterwards. */
function needsLogin() {
  if (localStorage.session) return true;
  location.replace(`?login&next=${encodeURIComponent(location.search)}`);
  return false;
}

// --- The pages ---

const pages = {
  async listing() {
    const wanted = new URLSearchParams([...address].filter(([name, value]) => value && ["q", "category", "sort", "cursor"].includes(name)));
    const [found, { items: categories }] = await Promise.all([get(`/products?${wanted}`), get("/categories")]);
    const category = categories.find(({ slug }) => slug === address.get("category"));
    const q = address.get("q");
    const nothing = `No book matches “${q ?? ""}”. Try fewer letters, or an author.`;
    show("listing", { heading: q ? `Search: ${q}` : (category?.name ?? "All books"), count: found.items.length ? false : nothing, more: found.next !== null });
    list("categories", [{ slug: "", name: "All books" }, ...categories], (link, { slug, name }) => {
      Object.assign(link, { href: slug ? `?category=${slug}` : "?", textContent: name });
      if (slug === (category?.slug ?? "") && !q) link.setAttribute("aria-current", "page");
    });
    list("books", found.items, (card, book) => {
      draw(card.querySelector("img"), book.cover);
      card.querySelector("a").href = `?book=${book.slug}`;
      const many = new Set(book.variants.map(({ price }) => price)).size > 1;
      const texts = { title: book.title, author: book.author, price: `${many ? "from " : ""}${money(book.price_from)}`, stock: stock(book) };
      for (const [name, text] of Object.entries(texts)) write(card, name, text);
    });
    wanted.set("cursor", found.next ?? "");
    main.querySelector('[data-text="more"]').href = `?${wanted}`;
  },

  async book() {
    const book = await get(`/products/${encodeURIComponent(address.get("book"))}`);
    show("book", { title: book.title, by: [book.author, book.years].filter(Boolean).join(", "), description: book.description });
    draw(main.querySelector("img"), book.cover);
    const first = book.variants.find(({ availability }) => availability !== "sold_out");
    list("editions", book.variants, (label, variant) => {
      const soldOut = variant.availability === "sold_out";
      Object.assign(label.querySelector("input"), { value: variant.id, checked: variant === first, disabled: soldOut });
      label.querySelector("span").textContent = [variant.name, money(variant.price), stock(variant)].join(" · ");
    });
    const form = act("add", async ({ variant, quantity }) => {
      const cart = kept(await post("/cart/lines", { variant: Number(variant), quantity: Number(quantity) }));
      say(`${book.title} is in your cart. ${cart.count} ${cart.count === 1 ? "book" : "books"}.`);
    });
    if (!first) form.querySelector("button").disabled = true;
  },

  async cart() {
    showCart(kept(await get("/cart")));
  },

  async login() {
    show("login");
    act("enter", async ({ door, email, password }) => {
      const { meta } = await ask("POST", `/_allauth/app/v1/auth/${door}`, { email, password });
      localStorage.session = meta.session_token;
      kept(await get("/cart")); // sent once with both tokens, the visitor's cart comes into the account
      location.replace(address.get("next") || "?");
    });
  },

  async checkout() {
    if (!needsLogin()) return;
    const [quote, { items: options }, { items: addresses }] = await Promise.all([get("/quote"), get("/delivery-options"), get("/addresses")]);
    let { total } = quote;
    // An order that is sent twice, because nothing came back, is placed once: it has the same key.
    let key = crypto.randomUUID();
    show("checkout", { total: `Total ${money(total)}`, ways: quote.needs_delivery });
    list("countries", config.countries, (option, { code, name }) => Object.assign(option, { value: code, textContent: name }));
    list("options", quote.needs_delivery ? options : [], (label, { code, name, note, price, free_from: free }) => {
      const costs = free !== null && quote.subtotal >= free ? 0 : price;
      Object.assign(label.querySelector("input"), { value: code, checked: code === quote.delivery_code });
      label.querySelector("span").textContent = [name, note, costs ? money(costs) : "free"].filter(Boolean).join(" · ");
    });
    const form = act("place", async ({ delivery = "", ...to }) => {
      try {
        const order = await post("/orders", { address: to, delivery, voucher: "", total }, { "Idempotency-Key": key });
        location.assign(`?${order.status === "placed" ? "pay" : "status"}=${order.number}`);
      } catch (error) {
        if (error.code !== "no_answer") key = crypto.randomUUID(); // it was answered: what is sent now is another order
        if (error.status === 409) await agree();
        throw error;
      }
    });
    for (const [name, value] of Object.entries(addresses[0] ?? {})) if (form.elements[name]) form.elements[name].value = value;
    const agree = async () => {
      ({ total } = await get(`/quote?delivery=${encodeURIComponent(form.elements.delivery?.value ?? "")}`));
      write(main, "total", `Total ${money(total)}`);
    };
    form.addEventListener("change", ({ target }) => target.name === "delivery" && agree().catch(fail));
  },

  async pay() {
    if (!needsLogin()) return;
    const number = address.get("pay");
    let payment;
    try {
      payment = await post(`/orders/${number}/payment`, {});
    } catch (error) {
      // Elements refuses a payment that is over, and the status page says where the money is.
      if (error.status === 409) return location.replace(`?status=${number}`);
      throw error;
    }
    const amount = money(payment.amount);
    show("pay", { heading: `Pay ${amount}`, declined: payment.declined, button: `Pay ${amount}`, test: config.test_mode });
    await new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: config.stripe_js_url, onload: resolve, onerror: () => reject(new Refusal(0, { code: "no_stripe", message: "The card form could not be loaded. Load the page again." })) });
      document.head.append(script);
    });
    const stripe = window.Stripe(payment.publishable_key);
    const elements = stripe.elements({ clientSecret: payment.client_secret, appearance: { theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe" } });
    const element = elements.create("payment", { layout: "tabs" });
    element.mount("#payment-element");
    element.on("ready", () => {
      main.querySelector("#payment-element").ariaBusy = "false";
      main.querySelector("button").disabled = false;
    });
    act("pay", async () => {
      const back = new URL(`?status=${number}`, location.href).href;
      // Comes back only when it did not work: a paid customer is led to `return_url`.
      const { error } = await stripe.confirmPayment({ elements, confirmParams: { return_url: back } });
      throw new Refusal(402, { code: error.code ?? "declined", message: error.message });
    });
  },

  async status() {
    if (!needsLogin()) return;
    const number = address.get("status");
    // Stripe adds the client secret to the address that it returns to. Nobody else needs to see it.
    if (address.has("payment_intent_client_secret")) history.replaceState(null, "", `?status=${number}`);
    const order = await get(`/orders/${number}/status`); // the shop asks Stripe: what the browser saw proves nothing
    const { heading, text } = order.message;
    if (main.querySelector("h1")?.textContent !== heading) say(heading);
    show("status", { heading, text, pay: order.can_pay ? `Pay ${money(order.total)}` : false, total: `Total ${money(order.total)}`, intent: order.payment?.intent_id ?? "" });
    Object.assign(main.dataset, { order: order.number, orderStatus: order.status, paymentStatus: order.payment?.status ?? "" });
    main.querySelector('[data-text="pay"]').href = `?pay=${number}`;
    list("lines", order.lines, (row, line) => (row.textContent = `${line.quantity} × ${line.title}, ${line.edition} · ${money(line.total)}`));
    if (order.look_again_after !== null) setTimeout(() => pages.status().catch(fail), order.look_again_after * 1000);
  },

  async orders() {
    if (!needsLogin()) return;
    const { items } = await get("/orders");
    show("orders", { empty: items.length === 0 });
    list("orders", items, (row, order) => {
      Object.assign(row.querySelector("a"), { href: `?status=${order.number}`, textContent: order.number });
      row.querySelector("span").textContent = `${order.status} · ${money(order.total)}`;
    });
    act("leave", async () => {
      await ask("DELETE", "/_allauth/app/v1/auth/session").catch(() => null); // it answers 401: nobody is logged in now
      delete localStorage.session;
      location.assign("?");
    });
  },
};

function showCart(cart) {
  const filled = cart.lines.length > 0;
  show("cart", { empty: !filled, subtotal: filled ? `Subtotal ${money(cart.subtotal)}` : "", go: filled });
  list("changes", [...cart.notices, ...cart.changes.map(changed)], (row, words) => (row.textContent = words));
  list("lines", cart.lines, (row, line) => {
    const texts = { title: line.book.title, edition: line.variant.name, of: `Quantity of ${line.book.title}`, total: money(line.total) };
    for (const [name, text] of Object.entries(texts)) write(row, name, text);
    const set = async (quantity) => {
      try {
        showCart(kept(await ask("PATCH", `/api/v1/cart/lines/${line.id}`, { quantity })));
        say(`${line.book.title}: ${quantity} in your cart. ${main.querySelector(".total").textContent}.`);
        main.focus();
      } catch (error) {
        fail(error);
        row.querySelector("input").value = line.quantity;
      }
    };
    const field = Object.assign(row.querySelector("input"), { value: line.quantity, max: line.most });
    field.addEventListener("change", () => set(Number(field.value)));
    const remove = row.querySelector("button");
    remove.ariaLabel = `Remove ${line.book.title}`;
    remove.addEventListener("click", () => set(0));
  });
}

document.querySelector(".name").textContent = config.store_name;
document.querySelector('[name="q"]').value = address.get("q") ?? "";
document.getElementById("who").hidden = Boolean(localStorage.session);
const page = Object.keys(pages).find((name) => address.has(name)) ?? "listing";
await pages[page]().catch(fail);
