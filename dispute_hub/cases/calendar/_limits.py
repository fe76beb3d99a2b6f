"""Limits as the clock table and the command line write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dispute_hub.common.errors import Invalid

UNITS = {"hours": "小时", "natural_days": "天", "working_days": "个工作日", "working_hours": "个工作小时"}
MOST = {"hours": 87_600, "natural_days": 3_650, "working_days": 2_500, "working_hours": 20_000}
_LIMIT = re.compile(r"([0-9]{1,6})[ ]+([a-z]+(?:_[a-z]+)?)")


@dataclass(frozen=True, slots=True)
class Limit:
    """A span as the clock table writes it: "3 working_days"."""

    amount: int
    unit: str

    @property
    def text(self) -> str:
        """In Chinese: 3个工作日."""
        return f"{self.amount}{UNITS[self.unit]}"


def parse_limit(text: str) -> Limit:
    """Read "N hours", "N natural_days", "N working_days" or "N working_hours". Raises Invalid.

    N is at least 1 and at most ten years' worth; the singular ("1 working_day") is taken too.
    """
    match = _LIMIT.fullmatch(text.strip())
    unit = match[2] if match else ""
    unit = unit if unit.endswith("s") else f"{unit}s"
    if match is None or unit not in UNITS:
        hint = "时限应写作「数字 单位」，单位为 hours、natural_days、working_days 或 working_hours。"
        raise Invalid(hint, code="limit_invalid")
    amount = int(match[1])
    if not 1 <= amount <= MOST[unit]:
        raise Invalid(f"时限应在 1 至 {MOST[unit]} 之间。", code="limit_out_of_range")
    return Limit(amount, unit)
