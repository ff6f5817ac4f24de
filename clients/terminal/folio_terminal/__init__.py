"""A client of Folio's JSON API that has no browser and no cookies, as an app on a phone has none."""
