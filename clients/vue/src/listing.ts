/* What is asked of a listing. Its address says it all, in the API's own words. */
import type { LocationQuery, RouteLocationRaw } from "vue-router";

import { categories } from "./shop";
import type { Facets, Format, Sort } from "./types";

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

const FORMATS: string[] = ["hardback", "paperback", "ebook", "other"] satisfies Format[];

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

/** Read an address. What it should not say is as if it did not. */
export function read(query: LocationQuery): Wanted {
  const word = (name: keyof Wanted) => String(query[name] ?? "");
  return {
    q: word("q"),
    category: word("category"),
    format: FORMATS.includes(word("format")) ? (word("format") as Format) : "",
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

/** Return the address of the same listing with something else wanted. Any change begins at the first page. */
export function change(wanted: Wanted, other: Partial<Wanted>): RouteLocationRaw {
  return address({ ...wanted, cursor: "", ...other });
}

/** Return what to send to the API about the books, without the place in the list. */
export function filters({ q, category, format, price, author, in_stock, sort }: Wanted) {
  return { q, category, price, author, in_stock, format: format || undefined, sort: sort || undefined };
}

/** Return every choice in words, each with the address of the listing without it. */
export function chips(wanted: Wanted, facets: Facets | null): { words: string; to: RouteLocationRaw }[] {
  const { q, category, format, price, author, in_stock } = wanted;
  const chosen = (options: Facets["prices"] = []) => options.find((option) => option.chosen)?.words;
  const choices: [string, Partial<Wanted>][] = [
    [q && `“${q}”`, { q: "" }],
    [category && (categories.value.find(({ slug }) => slug === category)?.name ?? category), { category: "" }],
    [format && (chosen(facets?.formats) ?? format), { format: "" }],
    [price && (chosen(facets?.prices) ?? price), { price: "" }],
    [author, { author: "" }],
    [in_stock ? "In stock" : "", { in_stock: false }],
  ];
  return choices.filter(([words]) => words).map(([words, without]) => ({ words, to: change(wanted, without) }));
}
