/* What is asked of a listing. Its address says it all, in the API's own words. */
import type { ParamMap, Params } from "@angular/router";

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

const FORMATS: string[] = ["hardback", "paperback", "ebook", "other"] satisfies Format[];

const SORTS: Record<Sort, string> = {
  match: "Best match",
  title: "Title",
  new: "Newest first",
  sold: "Best-selling",
  price: "Price, low to high",
  "-price": "Price, high to low",
};

/** A value as the API takes it, and its words. */
export type Option = [value: string, words: string];

/** Return the orders that make sense: only a search has a best match. The first is the one without a choice. */
export function sorts({ q }: Wanted): Option[] {
  return Object.entries(SORTS).filter(([sort]) => q || sort !== "match");
}

/** Read an address. What it should not say is as if it did not. */
export function read(address: ParamMap): Wanted {
  const word = (name: keyof Wanted) => address.get(name) ?? "";
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

/** Return what stands in the address of a listing. */
export function params(wanted: Partial<Wanted>): Params {
  const said = Object.entries(wanted).filter(([, value]) => value);
  return Object.fromEntries(said.map(([name, value]) => [name, value === true ? "1" : String(value)]));
}

/** Return what stands in the address of the same listing with something else wanted. Any change begins at the first page. */
export function change(wanted: Wanted, other: Partial<Wanted>): Params {
  return params({ ...wanted, cursor: "", ...other });
}

/** Return what to send to the API about the books, without the place in the list. */
export function filters({ q, category, format, price, author, in_stock, sort }: Wanted) {
  return { q, category, price, author, in_stock, format: format || undefined, sort: sort || undefined };
}
