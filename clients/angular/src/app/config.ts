import { provideHttpClient, withFetch, withInterceptors } from "@angular/common/http";
import { type ApplicationConfig, provideBrowserGlobalErrorListeners } from "@angular/core";
import { provideRouter, TitleStrategy, withComponentInputBinding, withInMemoryScrolling } from "@angular/router";

import { whoAsks } from "./asking";
import { OwnTitles } from "./live";
import { routes } from "./routes";

export const config: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(routes, withComponentInputBinding(), withInMemoryScrolling({ scrollPositionRestoration: "enabled", anchorScrolling: "enabled" })),
    provideHttpClient(withFetch(), withInterceptors([whoAsks])),
    { provide: TitleStrategy, useExisting: OwnTitles },
  ],
};
