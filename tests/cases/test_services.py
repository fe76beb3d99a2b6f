"""Verbs of the case itself: who may, what is refused, what is kept."""

import pytest

from dispute_hub.accounts.models import Role
from dispute_hub.cases import grants, lifecycle, numbers, selectors, services
from dispute_hub.cases.models import Case, CaseEvent, Deadline, Party
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Stale
from dispute_hub.outbox.models import OutboxRow
from tests.cases.builders import a_case


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


def settle(case: Case, cast, clock, how: str = "agreement", **more):
    actor = more.pop("actor", cast.community_officer)
    return services.settle(case, how=how, text="双方握手言和", actor=actor, at=clock.at, **more)


def test_numbers_say_their_beijing_day_and_never_repeat(db, clock) -> None:
    clock.set("2026-03-04T16:30:00+00:00")
    first, second = numbers.issue("case", clock.at), numbers.issue("case", clock.at)
    assert first.startswith("JF20260305")
    assert (len(first), first != second) == (16, True)


@pytest.mark.parametrize("series", sorted(numbers.SERIES))
def test_every_series_has_its_sequence(db, clock, series: str) -> None:
    assert numbers.issue(series, clock.at).startswith(numbers.SERIES[series])


def test_the_same_person_is_one_party(cast, clock) -> None:
    facts = services.PartyFacts(name="王小明", phone="13800001234")
    case = a_case(cast, clock.at, parties=(facts, facts))
    services.add_parties(case, (facts, services.PartyFacts(name="王小明")), at=clock.at)
    services.add_parties(case, (services.PartyFacts(phone="13800009999"),), at=clock.at)
    services.add_parties(case, (services.PartyFacts(),), at=clock.at)
    assert [party.phone for party in Party.objects.order_by("id")] == ["13800001234", "13800009999"]
    assert [party.is_unidentified for party in Party.objects.order_by("id")] == [False, True]


def test_a_case_is_found_by_words_inside_its_narrative(cast, clock) -> None:
    case = a_case(cast, clock.at, narrative="楼上装修噪音太大，邻居敲门争吵")
    for words in ("装修噪音", "象珠一村", "邻居 争吵", case.case_no, case.case_no.lower()):
        assert list(selectors.search_cases(Case.objects.all(), words)) == [case]
    for words in ("漏水", "装修 漏水", "!!!", "JF20000101000000", "'; DROP TABLE x; --"):
        assert list(selectors.search_cases(Case.objects.all(), words)) == []
    assert list(selectors.search_cases(Case.objects.all(), " ")) == [case]


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("community_officer", True), ("station_command", True), ("station_chief", True), ("bureau", True),
        ("leader", True), ("officer", False), ("other_station_command", False),
        ("other_community_officer", False), ("centre", False), ("county_centre", False),
        ("mediator", False), ("grid_worker", False),
        ("dispatcher", False), ("political_legal", False), ("system_admin", False), ("auditor", False),
    ],
)  # fmt: skip
def test_who_sees_a_case_without_a_grant(cast, clock, name: str, sees: bool) -> None:
    case, actor = a_case(cast, clock.at), getattr(cast, name)
    assert selectors.visible_to(actor, at=clock.at).filter(pk=case.pk).exists() is sees
    if not sees:
        with pytest.raises(OutOfScope):
            selectors.get_case(actor, case.case_no, at=clock.at)


def test_a_grant_gives_sight_for_its_time(cast, clock) -> None:
    case = a_case(cast, clock.at)

    def seen(actor) -> bool:
        return selectors.visible_to(actor, at=clock.at).filter(pk=case.pk).exists()

    grants.give(case, "order", at=clock.at, unit_id=cast.units.centre.pk)
    grants.give(case, "order", at=clock.at, unit_id=cast.units.centre.pk)
    grants.give(case, "push", at=clock.at, post_id=cast.officer.post.pk)
    assert (seen(cast.centre), seen(cast.other_centre)) == (True, False)
    assert (seen(cast.officer), seen(cast.second_officer)) == (True, False)
    assert grants.end(case, "order", ends_at=clock.at, unit_id=cast.units.centre.pk) == 1
    assert (seen(cast.centre), seen(cast.officer)) == (False, True)


def test_a_grant_does_not_open_cases_to_administrators(cast, clock) -> None:
    case = a_case(cast, clock.at)
    grants.give(case, "order", at=clock.at, unit_id=cast.units.bureau.pk)
    for actor in (cast.system_admin, cast.security_admin, cast.auditor):
        assert not selectors.visible_to(actor, at=clock.at).exists()


def test_a_case_in_tracking_is_settled_by_its_holder(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking", colour="blue")
    settle(case, cast, clock)
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.settle_how, stored.settled_at) == ("settled", "agreement", clock.at)


@pytest.mark.parametrize("name", ["officer", "centre", "mediator", "leader", "auditor", "dispatcher"])
def test_not_everybody_settles(cast, clock, name: str) -> None:
    case = a_case(cast, clock.at, status="tracking")
    with pytest.raises(NoRight):
        settle(case, cast, clock, actor=getattr(cast, name))


@pytest.mark.parametrize(("how", "text", "field"), [("gone", "x", "how"), ("agreement", "  ", "text")])
def test_a_settlement_says_how_and_what(cast, clock, how: str, text: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.check_settlement(a_case(cast, clock.at), how=how, text=text)
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    ("how", "allowed"),
    [
        ("agreement", False), ("oral_agreement", False), ("on_scene", False), ("waived", False),
        ("penalty", True), ("legal_route", True), ("lost_contact", True), ("terminated", True),
    ],
)  # fmt: skip
def test_family_violence_never_ends_as_plain_mediation(cast, clock, how: str, allowed: bool) -> None:
    case = a_case(cast, clock.at, status="tracking")
    Case.objects.filter(pk=case.pk).update(item_code="P0401")
    if allowed:
        settle(case, cast, clock, how)
        return
    with pytest.raises(Invalid, match="家庭暴力"):
        settle(case, cast, clock, how)
    lifecycle.record(case, "case_file.decided", actor=cast.community_officer, at=clock.at)
    settle(case, cast, clock, how)


def test_a_form_filled_against_an_older_case_is_refused_with_names(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking")
    lifecycle.move(case, "review", actor=cast.station_command, at=clock.at)
    with pytest.raises(Stale) as refusal:
        settle(case, cast, clock, version=1)
    assert (refusal.value.who, refusal.value.what) == ("象珠派出所 综合指挥室 指挥室", "三推待审批")


@pytest.mark.parametrize(
    ("colour", "closes"), [("blue", True), ("yellow", True), ("orange", False), ("red", False)]
)
def test_only_a_chief_closes_what_was_grave(cast, clock, colour: str, closes: bool) -> None:
    case = a_case(cast, clock.at, status="settled", colour=colour)
    assert services.close(case, actor=cast.community_officer, at=clock.at) is closes
    stored = Case.objects.get(pk=case.pk)
    assert stored.status == ("closed" if closes else "settled")
    assert Deadline.objects.filter(kind="close.approve", state="open").count() == (0 if closes else 1)
    assert OutboxRow.objects.count() == (0 if closes else 1)
    assert services.close(stored, actor=cast.community_officer, at=clock.at) is False if not closes else True
    assert Deadline.objects.count() <= 1


def test_the_chief_who_settled_does_not_approve_the_closing(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking", colour="red")
    both = cast.add_post(cast.station_chief, Role.STATION_COMMAND, cast.units.station)
    settle(case, cast, clock, actor=both)
    case.refresh_from_db()
    with pytest.raises(Conflict):
        services.approve_close(case, actor=cast.station_chief, at=clock.at)
    services.close(case, actor=both, at=clock.at)
    with pytest.raises(NoRight, match="自己化解"):
        services.approve_close(case, actor=cast.station_chief, at=clock.at)
    second = cast.add("second_chief", Role.STATION_CHIEF, cast.units.station)
    event = services.approve_close(case, actor=second, at=clock.at)
    assert event.data["by_duty"] is False
    assert Deadline.objects.get(kind="close.approve").state == "met"


def test_the_duty_leader_approves_and_it_is_said(cast, clock) -> None:
    from datetime import timedelta

    case = a_case(cast, clock.at, status="settled", colour="red")
    services.close(case, actor=cast.community_officer, at=clock.at)
    with pytest.raises(NoRight):
        services.approve_close(case, actor=cast.station_command, at=clock.at)
    cast.roster(cast.station_command, "leader", clock.at, clock.at + timedelta(hours=12))
    assert services.approve_close(case, actor=cast.station_command, at=clock.at).data["by_duty"] is True


@pytest.mark.parametrize(("as_status", "allowed"), [("not_dispute", True), ("void", True), ("closed", False)])
def test_the_command_room_confirms_what_is_no_dispute(cast, clock, as_status: str, allowed: bool) -> None:
    case = a_case(cast, clock.at)
    facts = {"as_status": as_status, "text": "已回拨核实", "at": clock.at}
    with pytest.raises(NoRight):
        services.confirm_no_dispute(case, actor=cast.officer, **facts)
    if not allowed:
        with pytest.raises(Invalid):
            services.confirm_no_dispute(case, actor=cast.station_command, **facts)
        return
    services.confirm_no_dispute(case, actor=cast.station_command, **facts)
    assert Case.objects.get(pk=case.pk).status == as_status


def test_a_case_absorbed_by_another_returns_to_what_it_was(cast, clock) -> None:
    one, other = a_case(cast, clock.at, status="tracking"), a_case(cast, clock.at)
    services.absorb(one, into=other, reason="同一事件", actor=cast.station_command, at=clock.at)
    one.refresh_from_db()
    assert (one.status, one.absorbed_into, one.former_status) == ("absorbed", other, "tracking")
    services.split_off(one, reason="误并", actor=cast.station_command, at=clock.at)
    one.refresh_from_db()
    assert (one.status, one.absorbed_into, one.former_status) == ("tracking", None, "")
    with pytest.raises(Conflict):
        services.split_off(one, reason="误并", actor=cast.station_command, at=clock.at)


def test_a_case_is_not_absorbed_by_itself_or_by_a_dead_one(cast, clock) -> None:
    one, void = a_case(cast, clock.at), a_case(cast, clock.at, status="void")
    for into in (one, void):
        with pytest.raises(Conflict):
            services.absorb(one, into=into, reason="x", actor=cast.station_command, at=clock.at)


def test_reopening_takes_the_settlement_back(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking", colour="red")
    settle(case, cast, clock)
    case.refresh_from_db()
    services.close(case, actor=cast.community_officer, at=clock.at)
    services.reopen(case, actor=cast.station_command, at=clock.at, why="再次报警")
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.settled_at, stored.settle_how) == ("tracking", None, "")
    assert (stored.close_proposed_at, stored.closed_at) == (None, None)
    assert not Deadline.objects.filter(state="open").exists()


def test_a_contact_needs_its_words(cast, clock) -> None:
    case = a_case(cast, clock.at, status="tracking")
    with pytest.raises(Invalid):
        services.record_contact(case, mode="phone", text=" ", actor=cast.community_officer, at=clock.at)
    event = services.record_contact(
        case, mode="phone", text="已电话联系双方", actor=cast.community_officer, at=clock.at
    )
    assert (event.kind, CaseEvent.objects.count()) == ("case.contacted", 1)
