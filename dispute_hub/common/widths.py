"""Full-width ASCII to half width, and nothing else: NFKC would also read ² as 2 and Ⅷ as VIII."""

from __future__ import annotations

_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """`１３８－Ｘ` as `138-X`."""
    return text.translate(_HALF)
