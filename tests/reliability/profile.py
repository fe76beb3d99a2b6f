"""How hard the promises are tried: `HUB_RELIABILITY` names the profile, `HUB_SEED` the schedule."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Numbers of one profile. Spans are seconds."""

    name: str
    kills: int
    failpoint_repeats: int
    broker_losses: int
    broker_down_within: float
    clocks: int
    clocks_due: int
    races: int
    rounds: int
    examples: int


SLICE = Profile("slice", 0, 0, 0, 0, 300, 60, 40, 2, 60)
CI = Profile("ci", 60, 2, 3, 20, 10_000, 1_000, 400, 20, 1_000)
RELEASE = Profile("release", 1_000, 20, 25, 600, 100_000, 10_000, 2_000, 500, 10_000)
PROFILES = {profile.name: profile for profile in (SLICE, CI, RELEASE)}


def current() -> Profile:
    """The profile in force; the slice belongs to `make test`."""
    return PROFILES[os.environ.get("HUB_RELIABILITY", "").strip() or "slice"]


def seed() -> int:
    """The number the schedule is drawn from; the same number, the same schedule."""
    return int(os.environ.get("HUB_SEED", "").strip() or 20_261_122)


def schedule() -> random.Random:
    """A generator of its own for each scenario."""
    return random.Random(seed())


def at_most(failures: int, tries: int) -> str:
    """What so many failures prove: none in N means at most 3/N at 95 % confidence."""
    if not tries:
        return "not tried"
    if failures:
        return f"{failures} failures in {tries}"
    return f"0 failures in {tries} kills: at most {3 / tries:.2%} a kill (95 %)"
