"""Plots as inline SVG: no script, no font, no network."""

import html
from collections.abc import Sequence

_WIDTH, _ROW, _LEFT = 720, 24, 190


def bars(rows: Sequence[tuple[str, float, tuple[float, float]]]) -> str:
    """A share a row, with its interval as a line."""
    height = _ROW * len(rows) + 24
    scale = _WIDTH - _LEFT - 70
    parts = [f"<svg role='img' aria-label='Share passed by suite' viewBox='0 0 {_WIDTH} {height}'>"]
    for place, (name, value, (low, high)) in enumerate(rows):
        top, share = place * _ROW + 6, 0.0 if value != value else value  # noqa: PLR0124 - not a number
        middle = top + 7
        parts.append(f"<text x='{_LEFT - 8}' y='{top + 11}' text-anchor='end'>{html.escape(name)}</text>")
        parts.append(f"<rect class='bar' x='{_LEFT}' y='{top}' width='{share * scale:.1f}' height='14'/>")
        ends = (_LEFT + low * scale, _LEFT + high * scale)
        parts.append(f"<line class='range' x1='{ends[0]:.1f}' x2='{ends[1]:.1f}' y1='{middle}' y2='{middle}'/>")
        parts.append(f"<text x='{_LEFT + scale + 8}' y='{top + 11}'>{share:.3f}</text>")
    return "".join([*parts, "</svg>"])


def histogram(title: str, values: Sequence[float], bins: int = 24) -> str:
    """Up to the 99th percentile; what lies above is in the last bar."""
    ordered = sorted(values)
    top = max(ordered[int(len(ordered) * 0.99)], 1e-9) if ordered else 1.0
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / top * bins))] += 1
    tallest, wide = max([*counts, 1]), _WIDTH / bins
    parts = [f"<svg role='img' aria-label='{html.escape(title)}' viewBox='0 0 {_WIDTH} 150'>"]
    for place, count in enumerate(counts):
        high = 110 * count / tallest
        parts.append(
            f"<rect class='bar' x='{place * wide:.1f}' y='{115 - high:.1f}' "
            f"width='{wide - 2:.1f}' height='{high:.1f}'/>"
        )
    middle = ordered[len(ordered) // 2] if ordered else 0.0
    parts.append(f"<text x='0' y='135'>0</text><text x='{_WIDTH}' y='135' text-anchor='end'>{top:.0f}</text>")
    parts.append(
        f"<text x='{_WIDTH / 2}' y='147' text-anchor='middle'>{html.escape(title)}: median {middle:.0f}</text>"
    )
    return "".join([*parts, "</svg>"])
