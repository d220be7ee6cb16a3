from math import sqrt

_Z_95 = 1.959963984540054


def interval(successes: float, n: int, z: float = _Z_95) -> tuple[float, float] | None:
    """Wilson score interval of a proportion (E. B. Wilson, JASA 22, 1927; DOMAIN §2), None without observations.

    Unlike p ± z·√(p(1−p)/n) it stays within 0..1 and says something at p = 0 and p = 1.
    """
    if n == 0:
        return None
    p = successes / n
    centre = p + z * z / (2 * n)
    spread = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
