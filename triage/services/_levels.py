"""Colour and level of a case: their order, the default between them, and what is reported."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.cases.models import GRAVITY, Case, Colour, Level
from dispute_hub.outbox import services as outbox

# handbook 6: default level by colour; an alert without a colour has none.
LEVEL_OF: Final[dict[str, str]] = {
    "": "",
    Colour.RED: Level.HIGH,
    Colour.ORANGE: Level.MEDIUM,
    Colour.YELLOW: Level.LOW,
    Colour.BLUE: Level.LOW,
}
LEVEL_WEIGHT: Final[dict[str, int]] = {"": 0, Level.LOW: 1, Level.MEDIUM: 2, Level.HIGH: 3}


def graver(one: str, other: str) -> str:
    """The graver of two colours; "" is none at all."""
    return one if GRAVITY[one] >= GRAVITY[other] else other


def colour_name(colour: str) -> str:
    return str(Colour(colour).label) if colour else "未定"


def at_least(level: str, colour: str) -> str:
    """The level, raised to the default of the colour."""
    return max(level, LEVEL_OF[colour], key=lambda one: LEVEL_WEIGHT[one])


def report_high(case: Case, *, at: datetime) -> None:
    """高 is reported to the bureau (handbook 6)."""
    if case.bureau_id is None:
        return
    message = outbox.Message(
        kind="case.level_high",
        title=f"风险等级为高：{case.case_no}",
        link=f"/cases/{case.case_no}/",
        urgency="important",
        unit_id=case.bureau_id,
        role="bureau",
    )
    outbox.notify(message, at=at, case_id=case.pk)
