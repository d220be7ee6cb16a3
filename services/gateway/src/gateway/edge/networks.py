from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_IPV6_PREFIX = 64
_MAPPED = "::ffff:"


@lru_cache(maxsize=4096)
def unmapped(address: str) -> str:
    """How a socket of both families writes an IPv4 client (::ffff:192.0.2.7), as everybody else writes it: addresses
    of trusted proxies are compared with it."""
    return address.removeprefix(_MAPPED) if address.startswith(_MAPPED) and "." in address else address


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 that one IPv6 customer usually has to itself."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> _IPV6_PREFIX << _IPV6_PREFIX)}/{_IPV6_PREFIX}"
