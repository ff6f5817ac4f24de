/* What is asked of a listing. Its address says it all, in the API's own words. */
import type { LocationQuery, RouteLocationRaw } from "vue-router";

import { categories, price } from "./shop";
import type { Format, Sort } from "./types";

export interface Wanted {
  q: string;
  category: string;
  format: Format | "";
  price: string;
  author: string;
  in_stock: boolean;
  sort: Sort | "";
  cursor: string;
}

const NOTHING: Wanted = {
  q: "",
  category: "",
  format: "",
  price: "",
  author: "",
  in_stock: false,
  sort: "",
  cursor: "",
};

export const FORMATS: Record<Format, string> = {
  hardback: "Hardback",
  paperback: "Paperback",
  ebook: "E-book",
  other: "Other",
};

const SORTS: Record<Sort, string> = {
  match: "Best match",
  title: "Title",
  new: "Newest first",
  sold: "Best-selling",
  price: "Price, low to high",
  "-price": "Price, high to low",
};

/** Return the orders that make sense: only a search has a best match. The first is the one without a choice. */
export function sorts({ q }: Wanted): [string, string][] {
  return Object.entries(SORTS).filter(([sort]) => q || sort !== "match");
}

/** Where the offered price ranges meet, in minor units. */
const PRICE_STEPS = [500, 1000, 1500, 2000, 3000];

/** Return the offered price ranges: what the API takes, and its words. */
export function priceRanges(): [string, string][] {
  return [undefined, ...PRICE_STEPS].map((low, place) => {
    const high = PRICE_STEPS[place];
    if (low === undefined) return [`-${high ?? ""}`, `Under ${price(high ?? 0)}`];
    if (high === undefined) return [`${low}-`, `${price(low)} and more`];
    return [`${low}-${high}`, `${price(low)} to ${price(high)}`];
  });
}

/** Read an address. What it should not say is as if it did not. */
export function read(query: LocationQuery): Wanted {
  const word = (name: keyof Wanted) => String(query[name] ?? "");
  return {
    q: word("q"),
    category: word("category"),
    format: Object.hasOwn(FORMATS, word("format")) ? (word("format") as Format) : "",
    price: word("price"),
    author: word("author"),
    in_stock: word("in_stock") === "1",
    sort: Object.hasOwn(SORTS, word("sort")) ? (word("sort") as Sort) : "",
    cursor: word("cursor"),
  };
}

/** Return the address of a listing. */
export function address(wanted: Partial<Wanted>): RouteLocationRaw {
  const said = Object.entries(wanted).filter(([, value]) => value);
  return { path: "/products", query: Object.fromEntries(said.map(([name, value]) => [name, value === true ? "1" : String(value)])) };
}

/** Return what to send to the API. */
export function query({ format, sort, ...rest }: Wanted) {
  return { ...rest, format: format || undefined, sort: sort || undefined };
}

/** Return every choice in words, each with the address of the listing without it. */
export function chips(wanted: Wanted): { words: string; to: RouteLocationRaw }[] {
  const category = categories.value.find(({ slug }) => slug === wanted.category);
  const range = priceRanges().find(([value]) => value === wanted.price);
  const words: Partial<Record<keyof Wanted, string>> = {
    q: wanted.q && `“${wanted.q}”`,
    category: category?.name ?? wanted.category,
    format: wanted.format && FORMATS[wanted.format],
    price: range?.[1] ?? wanted.price,
    author: wanted.author,
    in_stock: wanted.in_stock ? "In stock" : "",
  };
  return Object.entries(words)
    .filter(([, said]) => said)
    .map(([name, said]) => ({ words: said, to: change(wanted, { [name]: NOTHING[name as keyof Wanted] }) }));
}

/** Return the address of the same listing with something else wanted. Any change begins at the first page. */
export function change(wanted: Wanted, other: Partial<Wanted>): RouteLocationRaw {
  return address({ ...wanted, cursor: "", ...other });
}
