/** Return where to go after logging in: the page that asked for it. Only a path of our own is followed. */
export function pathAfter(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/products";
}
