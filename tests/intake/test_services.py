"""What becomes of an alert: its place, its hints, its versions, its dispatch."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from intake import services
from intake.models import Alert, AlertVersion, Source
from tests.intake.conftest import ACTOR, facts


@pytest.mark.usefixtures("alone")
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


@pytest.mark.usefixtures("alone")
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


@pytest.mark.usefixtures("alone")
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


@pytest.mark.usefixtures("alone")
def test_a_clean_alert_has_no_hint(receive: Any) -> None:
    assert receive().alert.hints == []


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([1, 2, 3, 4, 5]))
def test_versions_end_in_the_same_state_in_whatever_order_they_come(
    alone: None, source: Source, clock: Any, order: list[int]
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


@pytest.mark.usefixtures("alone")
def test_numbers_are_one_whatever_their_writing(receive: Any) -> None:
    first = receive(alert_no="a-1")
    assert receive(alert_no=" Ａ-1\u00a0").became == "same"
    assert receive(alert_no="A-1", narrative="别的").became == "conflict"
    assert Alert.objects.get().pk == first.alert.pk


@pytest.mark.usefixtures("alone")
def test_the_place_follows_a_correction_until_somebody_has_signed(receive: Any, clock: Any) -> None:
    alert = receive().alert
    case = receive(version=2, station="330784-GS", grid="").case
    assert case.station.code == "330784-GS"
    services.set_dispatch(Alert.objects.get(pk=alert.pk), "signed", at=clock.at)
    case = receive(version=3).case
    assert case.station.code == "330784-GS"


@pytest.mark.usefixtures("alone")
def test_a_corrected_station_takes_the_case_out_of_the_pool(receive: Any) -> None:
    assert receive(station="", grid="").case.status == "pool"
    assert receive(version=2).case.status == "scene"


@pytest.mark.usefixtures("alone")
def test_more_words_are_the_next_version(receive: Any, cast: Any, clock: Any) -> None:
    alert = receive().alert
    alert = services.add_text(alert, text="对方拿起铁锹。", actor=cast.dispatcher, at=clock.at)
    assert alert.narrative == "邻居因界线争吵。\n对方拿起铁锹。"
    assert alert.version == 2
    with pytest.raises(Invalid):
        services.add_text(alert, text="  ", actor=cast.dispatcher, at=clock.at)
    with pytest.raises(NoRight):
        services.add_text(alert, text="x", actor=cast.officer, at=clock.at)


@pytest.mark.usefixtures("alone")
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


@pytest.mark.usefixtures("alone")
def test_dispatch_by_hand_gives_a_waiting_alert_to_a_station(receive: Any, cast: Any, clock: Any) -> None:
    alert = receive(station="", grid="").alert
    alert = services.dispatch(alert, station=cast.units.other_station, actor=cast.dispatcher, at=clock.at)
    case = Case.objects.get(pk=alert.case_id)
    assert (alert.station, case.station, case.status) == (
        cast.units.other_station, cast.units.other_station, "scene",
    )  # fmt: skip


@pytest.mark.usefixtures("alone")
def test_versions_are_append_only(receive: Any) -> None:
    receive()
    with pytest.raises(Exception, match="append-only"):
        AlertVersion.objects.update(added_text="x")


@pytest.mark.usefixtures("alone")
def test_reveal_leaves_a_trace(receive: Any, cast: Any, clock: Any) -> None:
    from dispute_hub.audit.models import AccessLog

    alert = receive().alert
    ask = partial(
        cases.reveal, alert, case=alert.case, field="reporter_phone", actor=cast.dispatcher, at=clock.at
    )
    with pytest.raises(Invalid):
        ask(purpose="")
    assert ask(purpose="dispatch").value == "13905790001"
    trace = AccessLog.objects.get(kind="reveal")
    assert (trace.object_kind, trace.object_id) == ("alert", str(alert.pk))
    assert trace.data == {"case_no": alert.case.case_no, "field": "reporter_phone", "purpose": "dispatch"}


@pytest.mark.usefixtures("alone")
def test_a_machine_may_log_and_nothing_else(receive: Any, clock: Any) -> None:
    alert = receive().alert
    with pytest.raises(NoRight):
        cases.absorb(alert.case, into=alert.case, reason="x", actor=ACTOR, at=clock.at)


def test_an_alert_is_coloured_and_pushed_in_the_same_breath(receive: Any) -> None:
    case = receive(narrative="邻居拿菜刀追砍，扬言要杀了报警人。").case
    case.refresh_from_db()
    assert case.colour == "red"
    assert Alert.objects.get().dispatch_status == "dispatched"


def test_the_alert_stands_at_orange_when_triage_fails(receive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("engine down")

    monkeypatch.setattr("triage.engine.assess", fail)
    case = receive().case
    case.refresh_from_db()
    assert (case.colour, Alert.objects.count()) == ("orange", 1)
