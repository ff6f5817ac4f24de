"""Who asks, as limits count: by the address, but of IPv6 by the network, of which one customer has every address."""

from ipaddress import IPv6Address, ip_address, ip_network

from allauth.core.internal.httpkit import clean_client_ip
from django.http import HttpRequest

# Of a request through a Unix socket, with no proxy that says whose it is.
UNKNOWN = "0.0.0.0"  # noqa: S104 - nobody's address, and nothing listens at it
# What a provider gives to one customer at least: https://www.rfc-editor.org/rfc/rfc6177
CUSTOMER = 64


def client_network(request: HttpRequest) -> str:
    """Return the address of who asks; of IPv6 the first one of its network.

    Behind proxies of ours, config/proxies.py has put the customer's address into the request.
    """
    address = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
    if not address:
        return UNKNOWN
    ip = ip_address(address)
    if not isinstance(ip, IPv6Address):
        return str(ip)
    if ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    return str(ip_network((int(ip), CUSTOMER), strict=False).network_address)
