"""The address and contact of an order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    """The fields of an address, as `Order.ADDRESS_FIELDS` names them. `country` is an ISO 3166-1 code."""

    full_name: str
    line1: str
    city: str
    postal_code: str
    country: str
    line2: str = ""
    region: str = ""
    phone: str = ""
