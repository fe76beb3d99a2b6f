"""回避 at every door: whoever keeps away from a case gets, for all of it, the answer of a stranger."""

from __future__ import annotations

from typing import Any, Final

import pytest

from dispute_hub.cases.models import Case
from routing.models import Recusal
from tests.doors.addresses import Door
from tests.doors.reach import HOUSE, object_of
from tests.doors.test_matrix import ask, expected, traces, tried
from tests.doors.world import World

# What is no case's: rosters, papers of a whole day or meeting, machines, messages, rules. And what the
# officer said of a dispatch he drove to: that is not broken off.
NO_CASE: Final = {
    "", "roster", "sheet", "row", "consultation", "batch", "quarantine", "notice", "letter", "platform",
    "difference", "call", "unit_limit", "replay", "record",
}  # fmt: skip
# Nor is who commands on the spot taken from there.
UNDER_WAY: Final = {("station_chief", "emergency")}
WHO: Final = sorted(HOUSE | {"officer"})


@pytest.fixture(scope="module")
def away(world: World) -> World:
    """The whole station keeps away from every case."""
    for case in Case.objects.all():
        for who in WHO:
            actor: Any = getattr(world.cast, who)
            kept = {"case": case, "user": actor.user}
            Recusal.objects.filter(**kept).delete()
            Recusal.objects.create(
                **kept, why="kin", text="近亲属", status="approved", declared_at=world.at,
                declared_by=world.cast.second_officer.post, declarer_user=world.cast.second_officer.user,
                decided_at=world.at,
            )  # fmt: skip
    return world


def doors_of_cases(who: str, method: str) -> list[Door]:
    of_cases = [door for door in tried(who, method) if object_of(door) not in NO_CASE]
    of_cases = [door for door in of_cases if (who, object_of(door)) not in UNDER_WAY]
    return [door for door in of_cases if expected(door, who, method) == "opens"]


@pytest.mark.parametrize("who", WHO)
def test_no_page_and_no_act_of_the_case_is_left_to_him(away: World, who: str) -> None:
    before, wrong = traces(), {}
    for method in ("GET", "POST"):
        for door in doors_of_cases(who, method):
            if (found := ask(away, door, who, method)) != 404:
                wrong[f"{method} {door}"] = found
    assert wrong == {}
    assert traces() == before
