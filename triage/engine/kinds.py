"""The engine's own nouns: what goes in, what comes out. Frozen, so that verdicts compare."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Colour = Literal["red", "orange", "yellow", "blue"]
Urgency = Literal["first", "second", "third"]
Side = Literal["police", "non_police"]

COLOURS: tuple[Colour, ...] = ("blue", "yellow", "orange", "red")
COLOUR_NAMES: dict[str, str] = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}


@dataclass(frozen=True, slots=True)
class Prior:
    """An earlier alert of the same parties; outcome is settled, unsettled, settled_at_risk or none."""

    received_at: datetime
    narrative: str
    outcome: str = "none"


@dataclass(frozen=True, slots=True)
class Report:
    """One alert as the engine reads it; `amount` in yuan, `priors` newest first.

    `told_later`: what officers and callers said of it afterwards (scene results, additions), oldest first.
    `markers`: what the deployment knows of a party: prior_violence, admonition_order, protection_order.
    The counts are of this dispute since it began; `expired_waits`: a wait agreed with the parties ran out.
    """

    narrative: str
    received_at: datetime
    source: str = "110"
    stated_item: str = ""
    people_involved: int | None = None
    amount: Decimal | None = None
    flags: tuple[str, ...] = ()
    priors: tuple[Prior, ...] = ()
    told_later: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    failed_mediations: int = 0
    broken_agreements: int = 0
    missed_follow_ups: int = 0
    expired_waits: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """The exact words and their offsets in the original narrative.

    Evidence that does not stand in the narrative (earlier alerts, structured fields) has start = end = -1.
    """

    start: int
    end: int
    text: str

    @property
    def in_narrative(self) -> bool:
        return self.start >= 0


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for the colour: the lowest colour it allows by itself, and the words it rests on."""

    code: str
    name: str
    floor: Colour
    evidence: tuple[Span, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the engine says of one report. `colour` and `urgency`: an alert that is no dispute has an urgency,
    and a colour only where a red or orange factor asks for dispatch (handbook, triage)."""

    dispute: bool
    colour: Colour | None
    urgency: Urgency | None
    item: str
    item_name: str
    alternatives: tuple[str, ...]
    side: Side
    factors: tuple[Factor, ...]
    sentence: str
    one_lower: str
    measures: tuple[str, ...]
    lead_department: str
    lead_departments: tuple[str, ...]
    rule_version: str
    ms: float = field(default=0.0, compare=False)

    @property
    def points(self) -> int:
        return sum(factor.points for factor in self.factors)


def graver(one: Colour, other: Colour) -> Colour:
    """The graver of two colours."""
    return one if COLOURS.index(one) >= COLOURS.index(other) else other
