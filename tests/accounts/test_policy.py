"""The matrix of rights: default deny, three administrators apart, every door written in it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, SourceActor
from dispute_hub.accounts.models import ADMINISTRATORS, DutyRoster, Role
from dispute_hub.common.errors import NoRight


def declared(patterns: list[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from declared(pattern.url_patterns)
            continue
        view = getattr(pattern.callback, "cls", pattern.callback)
        yield from getattr(view, "acts", {}).values()
        if isinstance(getattr(view, "act", None), str):
            yield view.act


def test_every_act_a_door_declares_is_in_the_matrix() -> None:
    missing = set(declared(get_resolver().url_patterns)) - set(policy.MATRIX) - {"public", ""}
    assert missing == set()


def test_an_act_that_is_not_written_is_allowed_to_nobody(cast, clock) -> None:
    for actor in cast.actors.values():
        with pytest.raises(NoRight):
            policy.require(actor, "case.delete", at=clock.at)


@pytest.mark.parametrize("role", ADMINISTRATORS)
def test_administrators_touch_no_case(role: str) -> None:
    held = {act for act, roles in policy.MATRIX.items() if role in roles}
    touching = {act for act in held if act.split(".")[0] in {"case", "order", "push", "session", "alert"}}
    assert touching == set()


def test_no_two_administrators_share_more_than_the_frame() -> None:
    held = [{act for act, roles in policy.MATRIX.items() if role in roles} for role in ADMINISTRATORS]
    assert held[0] & held[1] == held[1] & held[2] == held[0] & held[2]
    assert held[0] & held[1] <= {"self.use", "worklist.read"}


@pytest.mark.parametrize("act", ["grade.approve", "case.approve_close", "sheet.sign"])
def test_what_decides_belongs_to_the_chief_alone(act: str) -> None:
    assert policy.MATRIX[act] == {Role.STATION_CHIEF}


def test_a_third_push_may_rise_to_the_bureau() -> None:
    """Only once it rose: `tests/routing/test_third_push_deciding.py`."""
    assert policy.MATRIX["third_push.approve"] == {Role.STATION_CHIEF, Role.BUREAU}


@pytest.mark.parametrize(("minutes", "leads"), [(-1, False), (0, True), (719, True), (720, False)])
def test_the_duty_leader_stands_in_while_on_duty(cast, clock, minutes: int, leads: bool) -> None:
    start = clock.at
    cast.roster(cast.officer, DutyRoster.Duty.LEADER, start, start + timedelta(hours=12))
    at = start + timedelta(minutes=minutes)
    if leads:
        assert policy.require(cast.officer, "third_push.approve", at=at) is True
    else:
        with pytest.raises(NoRight):
            policy.require(cast.officer, "third_push.approve", at=at)


def test_the_duty_leader_does_not_do_what_no_chief_may(cast, clock) -> None:
    cast.roster(cast.officer, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=1))
    with pytest.raises(NoRight):
        policy.require(cast.officer, "unit.manage", at=clock.at)


def test_crew_duty_is_no_leaders_duty(cast, clock) -> None:
    cast.roster(cast.officer, DutyRoster.Duty.CREW, clock.at, clock.at + timedelta(hours=1))
    with pytest.raises(NoRight):
        policy.require(cast.officer, "third_push.approve", at=clock.at)


CHIEFS_ACTS = ["third_push.approve", "grade.approve", "case.approve_close", "sheet.sign"]


@pytest.mark.parametrize(
    ("unit", "role", "leads"),
    [
        ("station", "officer", True),
        ("station", "station_command", True),
        ("station", "community_officer", False),
        ("area", "community_officer", False),
        ("bureau", "bureau", True),
        ("bureau", "leader", False),
        ("bureau", "office_clerk", False),
        ("reception", "duty_commander", False),
        ("centre", "centre", False),
        ("county_centre", "county_centre", False),
        ("department", "department", False),
        ("political_legal", "political_legal", False),
    ],
)
def test_only_a_police_duty_leader_does_what_the_chief_may(cast, clock, unit, role, leads) -> None:
    """Whoever stands on whichever unit's roster as 值班领导."""
    actor = cast.add("on_duty", role, getattr(cast.units, unit))
    cast.roster(actor, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=1))
    for act in CHIEFS_ACTS:
        if leads:
            policy.require(actor, act, at=clock.at)
            continue
        with pytest.raises(NoRight):
            policy.require(actor, act, at=clock.at)


def test_who_is_named_to_stand_in_for_the_duty_leader_leads_whatever_his_own_post_is(cast, clock) -> None:
    away = cast.add("away", "station_command", cast.units.station)
    away.post.stand_in = cast.community_officer.post
    away.post.save()
    cast.roster(away, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=1))
    away.user.is_active = False
    away.user.save()
    actor = cast.community_officer
    actor.post.unit = cast.units.station
    actor.post.save()
    assert policy.require(actor, "third_push.approve", at=clock.at) is True


@pytest.mark.parametrize("besides", [True, False])
def test_the_bureau_decides_only_when_the_station_has_nobody_else(cast, clock, besides) -> None:
    """The only chief of the station proposed himself, or he did not."""
    proposer = cast.station_chief.user.pk if besides else cast.station_command.user.pk
    leader = cast.bureau
    cast.roster(leader, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=1))

    def ask() -> None:
        policy.leave_to_station(True, leader, cast.units.station, besides_user_id=proposer, at=clock.at)

    if besides:
        ask()
    else:
        with pytest.raises(NoRight, match="由派出所领导审批"):
            ask()
    policy.leave_to_station(True, cast.station_chief, cast.units.station, besides_user_id=None, at=clock.at)


def test_who_stands_in_at_a_centre_stands_in_for_no_chief(cast, clock) -> None:
    away = cast.add("away", "centre", cast.units.centre)
    away.post.stand_in = cast.centre.post
    away.post.save()
    cast.roster(away, DutyRoster.Duty.LEADER, clock.at, clock.at + timedelta(hours=1))
    away.user.is_active = False
    away.user.save()
    with pytest.raises(NoRight):
        policy.require(cast.centre, "third_push.approve", at=clock.at)


def test_the_chief_acts_in_his_own_name(cast, clock) -> None:
    assert policy.require(cast.station_chief, "third_push.approve", at=clock.at) is False


def test_a_machine_logs_alerts_and_nothing_else(clock) -> None:
    source = SourceActor("110", None)
    assert policy.require(source, "alert.log", at=clock.at) is False
    with pytest.raises(NoRight):
        policy.require(source, "alert.dispatch", at=clock.at)


def test_the_system_acts_by_rule(clock) -> None:
    assert policy.require(SYSTEM, "case.settle", at=clock.at) is False
