"""What a limit of the clock table may be: units a clock takes, and bounds nobody means to pass."""

from __future__ import annotations

from dispute_hub.common.errors import Invalid

# unit → (in Chinese, least, most); "until" and "half_past" are times of day, in hours.
BOUNDS = {
    "minutes": ("分钟", 1, 1440),
    "hours": ("小时", 1, 2160),
    "natural_days": ("天", 1, 365),
    "working_days": ("个工作日", 1, 250),
    "working_hours": ("个工作小时", 1, 2000),
    "until": ("点前（次一个）", 1, 23),
    "half_past": ("点半前（次一个）", 1, 23),
}
# Returned by a sweep that looks back by this very span.
ON_THE_CLOCK = ("diversion.confirm", "diversion.accept")
SAFETY_UNITS = ("minutes", "hours", "natural_days", "until", "half_past")


def units_for(kind: str, *, safety: bool) -> tuple[str, ...]:
    """The units this clock may be counted in: a safety clock knows no office hours."""
    if kind in ON_THE_CLOCK:
        return ("minutes", "hours")
    return SAFETY_UNITS if safety else tuple(BOUNDS)


def written(amount: int, unit: str) -> str:
    """As the table keeps it: "3 working_days", "until 12:00"."""
    if unit in ("until", "half_past"):
        return f"until {amount:02d}:{'00' if unit == 'until' else '30'}"
    return f"{amount} {unit}"


def read(limit: str) -> tuple[int, str]:
    """(amount, unit) of a limit as the table keeps it."""
    first, _, rest = limit.partition(" ")
    if first == "until":
        return int(rest[:2]), "half_past" if rest.endswith(":30") else "until"
    return int(first), rest


def check(kind: str, key: str, limit: str, *, safety: bool) -> None:
    """Raise Invalid, at the field of the key, for a limit this clock cannot have."""
    try:
        amount, unit = read(limit)
    except ValueError:
        amount, unit = 0, ""
    if unit not in units_for(kind, safety=safety):
        said = "安全时限昼夜连续，不能按工作日计算。" if safety else "该时限不能使用此单位。"
        raise Invalid(fields={key: [said]}, code="limit_unit")
    name, least, most = BOUNDS[unit]
    if not least <= amount <= most:
        raise Invalid(fields={key: [f"应在{least}至{most}{name}之间。"]}, code="limit_out_of_range")
