"""The Wilson score interval of a proportion."""

from math import sqrt
from typing import Final

_Z: Final = 1.959964  # two-sided 95 %


def wilson(right: int, total: int) -> tuple[float, float]:
    """(lower, upper) at 95 %; (0, 1) when nothing was counted."""
    if total == 0:
        return 0.0, 1.0
    share = right / total
    spread = _Z * sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
    middle = share + _Z**2 / (2 * total)
    scale = 1 + _Z**2 / total
    return (middle - spread) / scale, (middle + spread) / scale
