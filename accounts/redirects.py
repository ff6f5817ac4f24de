"""Where a form may lead afterwards: to a page of this site, whatever its `next` says."""

import re

from django.utils.http import url_has_allowed_host_and_scheme

# A path from the root, in signs that an address may have. A name that Django would take for one of a view has no slash.
_PATH = re.compile(r"/(?!/)[\x21-\x7e]*")


def is_own_page(address: str) -> bool:
    """Tell whether an address is a path of this site, as in `/de/cart/?a=b`: no other site, no name of a view."""
    return bool(_PATH.fullmatch(address)) and url_has_allowed_host_and_scheme(address, None)
