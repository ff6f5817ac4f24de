import type { RouteLocationNormalizedLoaded } from "vue-router";

/** Return where to go after logging in: the page that asked for it. Only a path of our own is followed. */
export function next({ query }: RouteLocationNormalizedLoaded): string {
  const wanted = String(query.next ?? "");
  return /^\/(?![/\\])/.test(wanted) ? wanted : "/products";
}
