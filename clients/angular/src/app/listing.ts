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

const NOTHING: Wanted = { q: "", category: "", format: "", price: "", author: "", in_stock: false, sort: "", cursor: "" };

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

/** A value as the API takes it, and its words. */
export type Option = [value: string, words: string];

/** Return the orders that make sense: only a search has a best match. The first is the one without a choice. */
export function sorts({ q }: Wanted): Option[] {
  return Object.entries(SORTS).filter(([sort]) => q || sort !== "match");
}

/** Where the offered price ranges meet, in minor units. */
const PRICE_STEPS = [500, 1000, 1500, 2000, 3000];

/** Return the offered price ranges. */
export function priceRanges(price: (amount: number) => string): Option[] {
  return [undefined, ...PRICE_STEPS].map((low, place) => {
    const high = PRICE_STEPS[place];
    if (low === undefined) return [`-${high ?? ""}`, `Under ${price(high ?? 0)}`];
    if (high === undefined) return [`${low}-`, `${price(low)} and more`];
    return [`${low}-${high}`, `${price(low)} to ${price(high)}`];
  });
}

/** Read an address. What it should not say is as if it did not. */
export function read(address: ParamMap): Wanted {
  const word = (name: keyof Wanted) => address.get(name) ?? "";
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

/** Return what stands in the address of a listing. */
export function params(wanted: Partial<Wanted>): Params {
  const said = Object.entries(wanted).filter(([, value]) => value);
  return Object.fromEntries(said.map(([name, value]) => [name, value === true ? "1" : String(value)]));
}

/** Return what stands in the address of the same listing with something else wanted. Any change begins at the first page. */
export function change(wanted: Wanted, other: Partial<Wanted>): Params {
  return params({ ...wanted, cursor: "", ...other });
}

/** Return the choice of a name as it is when nothing is chosen. */
export function nothing(name: string): Partial<Wanted> {
  return { [name]: NOTHING[name as keyof Wanted] };
}
