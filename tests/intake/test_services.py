"""What becomes of an alert: its case, its versions, repetition, attachment, dispatch."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Party
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from intake import selectors, services
from intake.message import AlertFacts
from intake.models import Alert, AlertVersion, Source

ACTOR = SourceActor("110", None)


def facts(at: Any, **changes: Any) -> AlertFacts:
    said = AlertFacts(
        alert_no="A1",
        received_at=at,
        address="象珠镇象珠一村12号",
        narrative="邻居因界线争吵。",
        station="330784-XZ",
        grid="330784-XZ-C1-W1",
        reporter=PartyFacts(role="reporter", name="楼春花", phone="13905790001"),
        parties=(PartyFacts(name="应大山"),),
        item_class="N11",
    )
    return replace(said, **changes)


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake by itself: what follows an event belongs to other stages."""
    if "followed" not in request.fixturenames:
        monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


@pytest.fixture
def followed() -> None:
    """Asked for by tests that want the other stages behind the alert."""


@pytest.fixture
def receive(source: Source, clock: Any) -> Any:
    def take(**changes: Any) -> services.Receipt:
        return services.receive(facts(clock.at, **changes), source=source, actor=ACTOR, at=clock.at)

    return take


@pytest.mark.parametrize(
    ("station", "grid", "status", "placed_at", "hint"),
    [
        ("330784-XZ", "330784-XZ-C1-W1", "scene", "330784-XZ", None),
        ("330784-XZ", "", "scene", "330784-XZ", None),
        ("", "330784-XZ-C1-W1", "scene", "330784-XZ", None),
        ("330784-XZ", "330784-GS-C1-W1", "scene", "330784-XZ", "place_mismatch"),
        ("330784-XZ", "no-such-grid", "scene", "330784-XZ", "grid_unknown"),
        ("no-such-station", "", "pool", None, "station_unknown"),
        ("", "", "pool", None, "station_unknown"),
        ("330784-XZ-ZZ", "", "pool", None, "station_unknown"),
    ],
)
def test_codes_become_a_place_and_an_unknown_one_waits_in_the_pool(
    receive: Any, station: str, grid: str, status: str, placed_at: str | None, hint: str | None
) -> None:
    alert = receive(station=station, grid=grid).alert
    assert alert.case.status == status
    assert (alert.station.code if alert.station else None) == placed_at
    assert alert.bureau.code == "330784"
    assert hint is None or hint in alert.hints


@pytest.mark.parametrize(
    ("kind", "status", "dispatch"),
    [
        ("110", "scene", "awaiting"),
        ("window", "scene", "awaiting"),
        ("12345", "pool", "none"),
        ("grid", "pool", "none"),
    ],
)
def test_only_110_and_window_go_to_the_scene(
    cast: Any, clock: Any, kind: str, status: str, dispatch: str
) -> None:
    source = services.desk_of(cast.units.reception, kind=kind)
    alert = services.receive(facts(clock.at), source=source, actor=ACTOR, at=clock.at).alert
    assert (alert.case.status, alert.dispatch_status) == (status, dispatch)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"address": ""}, "address_missing"),
        ({"address": "路口"}, "address_short"),
        ({"narrative": ""}, "narrative_missing"),
        ({"officers": ("330001",)}, "crew_too_small"),
        ({"officers": ("330001", "999999")}, "officer_unknown"),
        ({"longitude": 28.9, "latitude": 120.1}, "coordinates_odd"),
        ({"longitude": 500.0, "latitude": 0.0}, "coordinates_odd"),
        ({"stated_item": "纠纷"}, "item_not_lowest"),
        ({"parties": ()}, "second_party_missing"),
        ({"parties": (PartyFacts(name="应大山"), PartyFacts(name="应大山 "))}, "party_twice"),
        ({"reporter": PartyFacts(role="reporter", phone="110")}, "phone_doubtful"),
        ({"reporter": PartyFacts(role="reporter", phone="00000000000")}, "phone_doubtful"),
        ({"reporter": PartyFacts(role="reporter", phone="13905790001、13905790002")}, "phone_several"),
        ({"reporter": PartyFacts(role="reporter", id_number="110105194912310021")}, "id_number_doubtful"),
    ],
)
def test_a_doubtful_field_is_a_hint_and_never_a_refusal(
    receive: Any, changes: dict[str, Any], hint: str
) -> None:
    alert = receive(**changes).alert
    assert hint in alert.hints


def test_a_clean_alert_has_no_hint(receive: Any) -> None:
    assert receive().alert.hints == []


@pytest.mark.parametrize(
    ("days", "address", "item_class", "phone", "joined"),
    [
        (29, "象珠镇象珠一村12号", "N11", "13905790001", True),
        (30, "象珠镇 象珠一村１２号", "N11", "+86 139-0579-0001", True),
        (31, "象珠镇象珠一村12号", "N11", "13905790001", False),
        (1, "象珠镇象珠一村13号", "N11", "13905790001", False),
        (1, "象珠镇象珠一村12号", "N04", "13905790001", False),
        (1, "象珠镇象珠一村12号", "", "13905790001", False),
        (1, "象珠镇象珠一村12号", "N11", "13905790009", False),
        (1, "", "N11", "13905790001", False),
    ],
)
def test_automatic_attachment_wants_person_address_and_class_within_thirty_days(
    receive: Any, clock: Any, days: int, address: str, item_class: str, phone: str, joined: bool
) -> None:
    first = receive().case
    clock.advance(days=days)
    reporter = PartyFacts(role="reporter", phone=phone)
    second = receive(alert_no="A2", address=address, item_class=item_class, reporter=reporter).alert
    assert (second.case_id == first.pk) == joined
    assert second.attached_how == ("auto" if joined else "")
    assert second.case.alerts_count == (2 if joined else 1)


def test_the_class_the_case_has_by_now_counts(receive: Any, clock: Any) -> None:
    first = receive().case
    Case.objects.filter(pk=first.pk).update(item_code="N0401")
    clock.advance(days=1)
    assert receive(alert_no="A2", item_class="N11").alert.case_id != first.pk
    assert receive(alert_no="A3", item_class="N04").alert.case_id == first.pk


@pytest.mark.parametrize("status", ["void", "absorbed"])
def test_nothing_joins_a_void_or_absorbed_case_by_itself(receive: Any, clock: Any, status: str) -> None:
    first = receive().case
    Case.objects.filter(pk=first.pk).update(status=status)
    assert receive(alert_no="A2").alert.case_id != first.pk


def test_an_id_number_recognises_a_person_too(receive: Any) -> None:
    party = PartyFacts(name="应大山", id_number="990784198001010010")
    first = receive(parties=(party,)).case
    reporter = PartyFacts(role="reporter", id_number="990784198001010010")
    assert receive(alert_no="A2", reporter=reporter, parties=()).alert.case_id == first.pk


def test_a_hotline_number_recognises_nobody(receive: Any) -> None:
    hotline = PartyFacts(role="reporter", phone="12345")
    first = receive(reporter=hotline).case
    assert receive(alert_no="A2", reporter=hotline).alert.case_id != first.pk


@pytest.mark.parametrize(("hours", "joined"), [(2.5, True), (23.9, True), (24.1, False)])
def test_the_same_parties_back_within_a_day_of_handling_are_the_same_dispute(
    receive: Any, clock: Any, hours: float, joined: bool
) -> None:
    """A quarrel settled at 20:10, a knife at 22:40: another class, the same case."""
    first = receive().alert
    services.record_outcome(first, outcome="settled", text="当场化解", confirmed_item="", at=clock.at)
    clock.advance(hours=hours)
    assert (receive(alert_no="A2", item_class="P05").alert.case_id == first.case_id) == joined


@pytest.mark.parametrize(
    ("before", "after"),
    [("settled", "tracking"), ("closed", "tracking"), ("not_dispute", "scene"), ("tracking", "tracking")],
)
def test_a_new_alert_takes_an_ending_back(receive: Any, clock: Any, before: str, after: str) -> None:
    case = receive().case
    Case.objects.filter(pk=case.pk).update(status=before, settled_at=clock.at, settle_how="on_scene")
    case = receive(alert_no="A2").case
    case.refresh_from_db()
    assert case.status == after
    if before in ("settled", "closed"):
        assert (case.settled_at, case.settle_how) == (None, "")


@pytest.mark.parametrize(("days", "repeated"), [(0, False), (1, True), (90, True), (91, False)])
def test_the_second_alert_in_ninety_days_is_a_repetition(
    receive: Any, clock: Any, days: int, repeated: bool
) -> None:
    receive()
    clock.advance(days=days)
    receive(alert_no="A2")
    kinds = list(CaseEvent.objects.values_list("kind", flat=True))
    assert ("alert.repeated" in kinds) == repeated


def test_counts_include_the_alert_in_hand(receive: Any, clock: Any) -> None:
    receive()
    clock.advance(days=40)
    receive(alert_no="A2")
    clock.advance(days=1)
    alert = receive(alert_no="A3").alert
    counts = selectors.repeats_of(alert)
    assert (counts.alerts_30d, counts.alerts_90d) == (2, 3)
    priors = selectors.priors_of(alert)
    assert [prior.same_event for prior in priors] == [False, False]
    assert priors[0].received_at > priors[1].received_at


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([1, 2, 3, 4, 5]))
def test_versions_end_in_the_same_state_in_whatever_order_they_come(
    source: Source, clock: Any, order: list[int]
) -> None:
    number = uuid.uuid4().hex
    for version in order:
        said = facts(
            clock.at + timedelta(minutes=version), alert_no=number, version=version,
            narrative=f"第{version}版", address=f"象珠一村{version}号", people_involved=version,
            station="330784-XZ" if version % 2 else "330784-GS", grid="",
            reporter=PartyFacts(role="reporter", name=f"报警人{version}"), parties=(),
        )  # fmt: skip
        services.receive(said, source=source, actor=ACTOR, at=clock.at)
    alert = Alert.objects.select_related("case__station", "station").get(alert_no=number)
    assert (alert.version, alert.narrative, alert.people_involved) == (5, "第5版", 5)
    assert alert.received_at == clock.at + timedelta(minutes=1)
    assert (alert.station.code, alert.case.station.code) == ("330784-XZ", "330784-XZ")
    assert (alert.case.title, alert.case.address) == ("第5版", "象珠一村5号")
    assert AlertVersion.objects.filter(alert=alert).count() == 5
    assert Party.objects.filter(case=alert.case).count() == 5
    assert Case.objects.filter(alerts=alert).count() == 1
    Alert.objects.filter(pk=alert.pk).update(received_at=clock.at - timedelta(days=200))


def test_numbers_are_one_whatever_their_writing(receive: Any) -> None:
    first = receive(alert_no="a-1")
    assert receive(alert_no=" Ａ-1\u00a0").became == "same"
    assert receive(alert_no="A-1", narrative="别的").became == "conflict"
    assert Alert.objects.get().pk == first.alert.pk


def test_the_place_follows_a_correction_until_somebody_has_signed(receive: Any, clock: Any) -> None:
    alert = receive().alert
    case = receive(version=2, station="330784-GS", grid="").case
    assert case.station.code == "330784-GS"
    services.set_dispatch(Alert.objects.get(pk=alert.pk), "signed", at=clock.at)
    case = receive(version=3).case
    assert case.station.code == "330784-GS"


def test_a_corrected_station_takes_the_case_out_of_the_pool(receive: Any) -> None:
    assert receive(station="", grid="").case.status == "pool"
    assert receive(version=2).case.status == "scene"


def test_more_words_are_the_next_version(receive: Any, cast: Any, clock: Any) -> None:
    alert = receive().alert
    alert = services.add_text(alert, text="对方拿起铁锹。", actor=cast.dispatcher, at=clock.at)
    assert alert.narrative == "邻居因界线争吵。\n对方拿起铁锹。"
    assert alert.version == 2
    with pytest.raises(Invalid):
        services.add_text(alert, text="  ", actor=cast.dispatcher, at=clock.at)
    with pytest.raises(NoRight):
        services.add_text(alert, text="x", actor=cast.officer, at=clock.at)


def test_attach_and_detach_leave_every_alert_counted(receive: Any, cast: Any, clock: Any) -> None:
    first = receive().case
    alert = receive(alert_no="A2", address="别处1号").alert
    own = alert.case
    alert = services.attach(alert, to=first, actor=cast.dispatcher, at=clock.at)
    own.refresh_from_db()
    assert (alert.case_id, alert.attached_how, own.status) == (first.pk, "hand", "absorbed")
    assert Case.objects.get(pk=first.pk).alerts_count == 2
    with pytest.raises(Conflict):
        services.attach(alert, to=first, actor=cast.dispatcher, at=clock.at)
    alert = services.detach(alert, reason="不是同一起", actor=cast.dispatcher, at=clock.at)
    own.refresh_from_db()
    assert (alert.case_id, alert.attached_how, own.status) == (own.pk, "", "scene")
    assert Case.objects.get(pk=first.pk).alerts_count == 1


def test_an_automatically_attached_alert_gets_a_case_of_its_own_when_taken_out(
    receive: Any, cast: Any, clock: Any
) -> None:
    first = receive().case
    alert = receive(alert_no="A2").alert
    alert = services.detach(alert, reason="不是同一起", actor=cast.dispatcher, at=clock.at)
    assert alert.case_id != first.pk
    assert alert.case.parties.count() == 2


def test_the_first_alert_of_a_case_cannot_be_taken_out(receive: Any, cast: Any, clock: Any) -> None:
    with pytest.raises(Conflict):
        services.detach(receive().alert, reason="x", actor=cast.dispatcher, at=clock.at)


@pytest.mark.parametrize(
    ("start", "to", "allowed"),
    [
        ("awaiting", "dispatched", True), ("dispatched", "signed", True), ("signed", "arrived", True),
        ("arrived", "reported", True), ("none", "dispatched", True), ("reported", "signed", False),
        ("arrived", "awaiting", False), ("signed", "signed", True),
    ],
)  # fmt: skip
def test_dispatch_goes_its_way(receive: Any, clock: Any, start: str, to: str, allowed: bool) -> None:
    alert = receive().alert
    alert.dispatch_status = start
    if allowed:
        services.set_dispatch(alert, to, at=clock.at)
        assert alert.dispatch_status == to
    else:
        with pytest.raises(Conflict):
            services.set_dispatch(alert, to, at=clock.at)


def test_dispatch_by_hand_gives_a_waiting_alert_to_a_station(receive: Any, cast: Any, clock: Any) -> None:
    alert = receive(station="", grid="").alert
    alert = services.dispatch(alert, station=cast.units.other_station, actor=cast.dispatcher, at=clock.at)
    case = Case.objects.get(pk=alert.case_id)
    assert (alert.station, case.station, case.status) == (
        cast.units.other_station, cast.units.other_station, "scene",
    )  # fmt: skip


@pytest.mark.usefixtures("followed")
def test_an_alert_is_coloured_and_pushed_in_the_same_breath(receive: Any) -> None:
    case = receive(narrative="邻居拿菜刀追砍，扬言要杀了报警人。").case
    case.refresh_from_db()
    assert case.colour == "red"
    assert Alert.objects.get().dispatch_status == "dispatched"


@pytest.mark.usefixtures("followed")
def test_the_alert_stands_at_orange_when_triage_fails(receive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("engine down")

    monkeypatch.setattr("triage.engine.assess", fail)
    case = receive().case
    case.refresh_from_db()
    assert (case.colour, Alert.objects.count()) == ("orange", 1)


def test_versions_are_append_only(receive: Any) -> None:
    receive()
    with pytest.raises(Exception, match="append-only"):
        AlertVersion.objects.update(added_text="x")


def test_reveal_leaves_a_trace(receive: Any, cast: Any, clock: Any) -> None:
    from dispute_hub.audit.models import AccessLog

    alert = receive().alert
    with pytest.raises(Invalid):
        services.reveal_phone(alert, purpose="", actor=cast.dispatcher, at=clock.at)
    assert (
        services.reveal_phone(alert, purpose="dispatch", actor=cast.dispatcher, at=clock.at) == "13905790001"
    )
    assert AccessLog.objects.get(kind="reveal").data == {"field": "reporter_phone", "purpose": "dispatch"}


def test_a_machine_may_log_and_nothing_else(receive: Any, clock: Any) -> None:
    alert = receive().alert
    with pytest.raises(NoRight):
        cases.absorb(alert.case, into=alert.case, reason="x", actor=ACTOR, at=clock.at)
