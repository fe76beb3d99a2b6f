"""Who × address: each of the eighteen roles and its counterpart elsewhere at every declared door.

Expected is what `policy.MATRIX` says of the role and `reach.REACH` of the object; the answers alone are
compared, so a right taken away in the matrix or a scope forgotten in a query turns a cell here.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Max
from django.urls import reverse

from dispute_hub.accounts.models import Role
from dispute_hub.accounts.policy import allows
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.outbox.models import OutboxRow
from tests.cast import PEOPLE
from tests.doors.addresses import Door, doors
from tests.doors.reach import QUERIES, REACH, arguments, object_of
from tests.doors.world import World

DECLARED = [door for door in doors() if "public" not in door.acts.values()]
ROLES = [str(role) for role in Role]
OTHERS = [name for name, *_ in PEOPLE if name.startswith("other_")]


def address(door: Door, world: World) -> str:
    return reverse(door.name, kwargs=arguments(door, world))


def caller(world: World, who: str, *, is_api: bool) -> Any:
    """One browser and one API client a person, reused in the module."""
    kept = world.__dict__.setdefault("callers", {})
    if (who, is_api) not in kept:
        actor = getattr(world.cast, who) if who else None
        kept[who, is_api] = (world.cast.api if is_api else world.cast.client)(actor)
    return kept[who, is_api]


def ask(world: World, door: Door, who: str, method: str) -> int:
    asked = getattr(caller(world, who, is_api=door.is_api), method.lower())
    said = {"data": {}, "format": "json"} if door.is_api and method == "POST" else {}
    return int(asked(address(door, world) + QUERIES.get(door.name, ""), **said).status_code)


def expected(door: Door, who: str, method: str) -> str:
    """ "opens", "404" or "403"."""
    act = door.acts[method] or ""
    if not allows(who.removeprefix("other_"), act):
        return "403"
    thing = object_of(door)
    return "opens" if not thing or who in REACH[thing] else "404"


def said(status: int) -> str:
    return "opens" if status < 400 else str(status)


def tried(who: str, method: str) -> list[Door]:
    """The doors with this method; of people elsewhere only those their role has a right to."""
    met = [door for door in DECLARED if method in door.acts]
    return [door for door in met if who in ROLES or expected(door, who, method) != "403"]


def traces() -> tuple[Any, ...]:
    """What any effect on a case leaves behind."""
    return (
        CaseEvent.objects.aggregate(last=Max("id")), OutboxRow.objects.aggregate(last=Max("id")),
        Deadline.objects.aggregate(last=Max("id")), list(Case.objects.order_by("id").values_list("version")),
    )  # fmt: skip


@pytest.mark.parametrize("who", ROLES + OTHERS)
def test_who_opens_what(world: World, who: str) -> None:
    wrong = {}
    for door in tried(who, "GET"):
        wanted, found = expected(door, who, "GET"), said(ask(world, door, who, "GET"))
        if wanted != found:
            wrong[str(door)] = f"{found}, not {wanted}"
    assert wrong == {}


@pytest.mark.parametrize("who", ROLES + OTHERS)
def test_what_is_refused_changes_nothing(world: World, who: str) -> None:
    """A POST without the right is 403, one out of reach 404 before any word about its fields."""
    before, wrong = traces(), {}
    for door in tried(who, "POST"):
        wanted = expected(door, who, "POST")
        if wanted != "opens" and wanted != (found := str(ask(world, door, who, "POST"))):
            wrong[str(door)] = f"{found}, not {wanted}"
    assert wrong == {}
    assert traces() == before


def test_nobody_comes_in_without_a_log_in(world: World) -> None:
    wrong, before = {}, traces()
    for door in DECLARED:
        for method in door.acts:
            found = ask(world, door, "", method)
            if found not in ((401,) if door.is_api else (302, 286)):
                wrong[f"{door} {method}"] = found
    assert wrong == {}
    assert traces() == before


def test_looking_never_acts(world: World) -> None:
    """reliability 58: a prefetched link or an image tag can do nothing."""
    before, wrong = traces(), {}
    for door in doors():
        if "GET" not in door.acts and door.name not in ("api-source-alerts", "api-platform-callbacks"):
            found = ask(world, door, "station_chief", "GET")
            if found != 405:
                wrong[str(door)] = found
    assert wrong == {}
    assert traces() == before


def test_the_cast_plays_every_role() -> None:
    assert {role for _, role, *_ in PEOPLE} == set(Role)
    assert len(ROLES) == 18
