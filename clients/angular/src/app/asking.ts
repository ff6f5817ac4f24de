import type { HttpInterceptorFn } from "@angular/common/http";
import { inject } from "@angular/core";

import { Kept } from "./kept";
import { Origin } from "./origin";

/** Say who asks the API, in headers: no cookie goes to another origin, so nothing needs a proof against forged requests. */
export const whoAsks: HttpInterceptorFn = (request, next) => {
  if (!request.url.startsWith(inject(Origin).url)) return next(request);
  const kept = inject(Kept);
  const said: Record<string, string> = { "Accept-Language": document.documentElement.lang };
  if (kept.session()) said["X-Session-Token"] = kept.session();
  if (kept.cart()) said["X-Cart-Token"] = kept.cart();
  return next(request.clone({ setHeaders: said }));
};
