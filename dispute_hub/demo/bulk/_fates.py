"""What becomes of one loaded case: its status by age, and the instants on the way there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# Where cases of an age stand, by weight. Old ones are over but for a few; the last month lives.
YOUNG: Final = {"scene": 46, "tracking": 24, "settled": 26, "pool": 4}
RECENT: Final = {"settled": 44, "tracking": 18, "closed": 16, "joint": 9, "verifying": 4, "review": 3,
                 "pool": 1, "absorbed": 3}  # fmt: skip
OLD: Final = {"closed": 955, "absorbed": 38, "settled": 3, "tracking": 3, "joint": 1}
ON_SCENE: Final = {"blue": 0.66, "yellow": 0.42, "orange": 0.12, "red": 0.05}
HOWS: Final = {"agreement": 30, "oral_agreement": 34, "legal_route": 14, "waived": 9, "penalty": 6,
               "lost_contact": 4, "terminated": 3}  # fmt: skip
VISITS: Final = {"red": (1, 7, 14, 30), "orange": (3, 14, 30), "yellow": (14,), "blue": (14,)}
OVER: Final = ("settled", "closed", "absorbed")


@dataclass(slots=True)
class Fate:
    """Status, outcome and instants; None for what has not happened."""

    status: str
    outcome: str
    how: str
    opened_at: datetime
    signed_at: datetime | None = None
    arrived_at: datetime | None = None
    reported_at: datetime | None = None
    queued_at: datetime | None = None
    contacted_at: datetime | None = None
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    closed_at: datetime | None = None
    is_third: bool = False

    @property
    def is_tracked(self) -> bool:
        return self.queued_at is not None


def fate_of(
    rng: random.Random, *, opened_at: datetime, now: datetime, colour: str, is_dispute: bool, is_void: bool
) -> Fate:
    """Decide; every instant lies before `now`."""
    age = now - opened_at
    status = _status(rng, age, is_dispute=is_dispute, is_void=is_void)
    fate = Fate(status=status, outcome="", how="", opened_at=opened_at)
    if status == "pool":
        return fate
    _at_the_scene(rng, fate, now)
    if status in ("not_dispute", "void"):
        fate.outcome = status
    elif fate.reported_at is not None:
        _afterwards(rng, fate, now, colour)
    return fate


def _status(rng: random.Random, age: timedelta, *, is_dispute: bool, is_void: bool) -> str:
    if is_void:
        return "void"
    if not is_dispute:
        return "not_dispute"
    weights = YOUNG if age < timedelta(days=1) else RECENT if age < timedelta(days=30) else OLD
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def _at_the_scene(rng: random.Random, fate: Fate, now: datetime) -> None:
    """A case at the scene may still be unsigned, under way or unreported."""
    steps = (rng.uniform(0.5, 9), rng.uniform(3, 12), rng.uniform(15, 90))
    taken = rng.randint(0, 2) if fate.status == "scene" else 3
    instants, at = [], fate.opened_at
    for minutes in steps[:taken]:
        at = min(at + timedelta(minutes=minutes), now)
        instants.append(at)
    fate.signed_at, fate.arrived_at, fate.reported_at = (instants + [None] * 3)[:3]


def _afterwards(rng: random.Random, fate: Fate, now: datetime, colour: str) -> None:
    reported = fate.reported_at or fate.opened_at
    on_scene = fate.status in OVER and rng.random() < ON_SCENE.get(colour, 0.5)
    fate.outcome = "settled" if on_scene else rng.choice(("unsettled", "brought_in", "settled_at_risk"))
    end = now
    if fate.status in OVER:
        span = timedelta(0) if on_scene else timedelta(days=rng.uniform(0.8, 20))
        end = fate.settled_at = min(reported + span, now - timedelta(minutes=1))
        fate.how = "on_scene" if on_scene else rng.choices(list(HOWS), weights=list(HOWS.values()))[0]
    if fate.status == "closed":
        fate.closed_at = min(end + timedelta(days=max(VISITS.get(colour, (14,)))), now)
    if on_scene:
        return
    whole = end - reported
    fate.queued_at = reported
    fate.contacted_at = reported + whole * 0.3
    fate.is_third = fate.status in ("joint", "verifying", "review") or rng.random() < 0.12
    if fate.is_third:
        fate.sent_at = reported + whole * 0.5
