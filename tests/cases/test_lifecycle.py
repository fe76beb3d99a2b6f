"""The life of a case as the handbook tells it, section 4, written down a second time."""

import itertools

import pytest
from django.db import DatabaseError, transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, Refused
from dispute_hub.outbox.models import OutboxRow
from tests.cases.builders import a_case

HANDBOOK = {
    "pool": "scene, tracking, joint, not_dispute, void, absorbed",
    "scene": "settled, tracking, joint, not_dispute, void, absorbed",
    "tracking": "settled, review, joint, not_dispute, absorbed",
    "review": "joint, tracking, settled",
    "joint": "verifying, tracking",
    "verifying": "settled, joint",
    "settled": "closed, tracking, absorbed",
    "closed": "tracking, absorbed",
    "not_dispute": "scene, tracking",
    "void": "scene, tracking",
    # "former status (undo)": each status from which a case may be absorbed
    "absorbed": "pool, scene, tracking, settled, closed",
}
ALLOWED = {(start, to) for start, ends in HANDBOOK.items() for to in ends.split(", ")}
EVERY_PAIR = list(itertools.product(Status.values, Status.values))


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


def test_the_handbook_names_every_status() -> None:
    assert set(HANDBOOK) == set(Status.values)


@pytest.mark.parametrize(("start", "to"), EVERY_PAIR)
def test_a_status_follows_another_only_as_the_handbook_says(start: str, to: str) -> None:
    assert lifecycle.TRANSITIONS.allows(start, to) is ((start, to) in ALLOWED)


def test_what_is_absorbed_can_go_back_to_where_it_came_from() -> None:
    absorbable = {start for start, to in ALLOWED if to == "absorbed"}
    assert {to for start, to in ALLOWED if start == "absorbed"} == absorbable


@pytest.mark.parametrize(("start", "to"), sorted(ALLOWED))
def test_a_move_changes_status_version_and_timeline_together(cast, clock, start: str, to: str) -> None:
    case = a_case(cast, clock.at, status=start)
    clock.advance(minutes=1)
    event = lifecycle.move(
        case, to, actor=cast.station_command, at=clock.at, data={"entry": "unsettled"}, title="改"
    )
    stored = Case.objects.get(pk=case.pk)
    assert (stored.status, stored.version, stored.updated_at, stored.title) == (to, 2, clock.at, "改")
    assert (event.kind, event.data) == (f"case.{to}", {"entry": "unsettled", "from": start, "to": to})
    assert event.actor_label == "象珠派出所 综合指挥室 指挥室"
    assert (event.actor_user_id, event.actor_post_id) == (
        cast.station_command.user.pk,
        cast.station_command.post.pk,
    )


@pytest.mark.parametrize(("start", "to"), [("joint", "settled"), ("closed", "settled"), ("tracking", "void")])
def test_a_move_against_the_table_is_refused_in_words(cast, clock, start: str, to: str) -> None:
    case = a_case(cast, clock.at, status=start)
    with pytest.raises(Conflict, match="刷新") as refusal:
        lifecycle.move(case, to, actor=SYSTEM, at=clock.at)
    assert refusal.value.code == "illegal_transition"
    assert Status(start).label in refusal.value.message
    assert Case.objects.get(pk=case.pk).status == start
    assert not CaseEvent.objects.exists()


def test_a_phase_never_goes_back(cast, clock) -> None:
    case = a_case(cast, clock.at)
    for asked, got in [(2, 2), (1, 2), (3, 3), (2, 3)]:
        lifecycle.advance_phase(case, asked)
        assert Case.objects.get(pk=case.pk).phase == got


def test_an_event_keeps_the_phase_it_fell_in(cast, clock) -> None:
    case = a_case(cast, clock.at)
    before = lifecycle.record(case, "case.contacted", actor=SYSTEM, at=clock.at)
    lifecycle.advance_phase(case, 3)
    after = lifecycle.record(case, "case.contacted", actor=SYSTEM, at=clock.at, subject=case, cause=before)
    assert [event.phase for event in CaseEvent.objects.order_by("id")] == [1, 3]
    assert (after.subject_kind, after.subject_id, after.cause) == ("case", case.pk, before)
    assert (after.actor_user_id, after.actor_label) == (None, "系统")


def test_the_timeline_cannot_be_rewritten(cast, clock) -> None:
    event = lifecycle.record(a_case(cast, clock.at), "case.contacted", actor=SYSTEM, at=clock.at)
    row = CaseEvent.objects.filter(pk=event.pk)
    for change in (lambda: row._raw_delete("default"), lambda: row.update(kind="x")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert CaseEvent.objects.get().kind == "case.contacted"


# What follows ------------------------------------------------------------------------------------------

TOLD: list[str] = []


def tell(case, *, event, actor, at) -> None:
    assert actor is SYSTEM
    TOLD.append(f"{event.kind} {case.status}")


def stumble(case, *, event, actor, at) -> None:
    Case.objects.filter(pk=case.pk).update(title="半途")
    case.title = "半途"
    raise ZeroDivisionError


def refuse(case, *, event, actor, at) -> None:
    raise Refused("不可以")


def following(monkeypatch, *names: str, guarded: dict[str, str] | None = None) -> None:
    TOLD.clear()
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {"alert.received": tuple(map(_path, names))})
    guards = {_path(name): _path(stand) if stand else "" for name, stand in (guarded or {}).items()}
    monkeypatch.setattr(lifecycle, "GUARDED", guards)


def _path(name: str) -> str:
    return f"{__name__}.{name}"


def test_followers_run_in_their_order_within_the_change(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "tell", "tell")
    lifecycle.record(a_case(cast, clock.at), "alert.received", actor=SYSTEM, at=clock.at)
    assert TOLD == ["alert.received scene"] * 2


def test_an_unguarded_follower_that_fails_takes_the_change_with_it(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "stumble")
    case = a_case(cast, clock.at)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lifecycle.record(case, "alert.received", actor=SYSTEM, at=clock.at)
    assert not CaseEvent.objects.exists()


@pytest.mark.parametrize("failing", ["stumble", "refuse"])
def test_a_guarded_follower_that_fails_costs_only_itself(cast, clock, monkeypatch, failing: str) -> None:
    following(monkeypatch, failing, "tell", guarded={failing: ""})
    case = a_case(cast, clock.at)
    event = lifecycle.record(case, "alert.received", actor=SYSTEM, at=clock.at)
    assert Case.objects.get(pk=case.pk).title == case.title == "邻里噪音纠纷"
    assert TOLD == ["alert.received scene"]
    trace = CaseEvent.objects.get(kind="follower.failed")
    assert (trace.cause, trace.data["path"]) == (event, _path(failing))
    retry, alarm = OutboxRow.objects.order_by("id")
    assert (retry.topic, retry.payload) == ("follow", {"path": _path(failing), "event_id": event.pk})
    assert (alarm.payload["urgency"], alarm.payload["unit_id"], alarm.payload["role"]) == (
        "alarm", cast.units.station.pk, "station_command",
    )  # fmt: skip


def test_the_stand_in_acts_meanwhile(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "stumble", guarded={"stumble": "tell"})
    lifecycle.record(a_case(cast, clock.at), "alert.received", actor=SYSTEM, at=clock.at)
    assert TOLD == ["alert.received scene"]


def test_a_stand_in_that_fails_too_still_leaves_the_alert(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "stumble", guarded={"stumble": "refuse"})
    lifecycle.record(a_case(cast, clock.at), "alert.received", actor=SYSTEM, at=clock.at)
    kinds = list(CaseEvent.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["alert.received", "follower.failed", "follower.failed"]


def test_a_case_in_no_mans_land_alarms_the_bureau(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "stumble", guarded={"stumble": ""})
    case = a_case(cast, clock.at)
    Case.objects.filter(pk=case.pk).update(station=None)
    case.refresh_from_db()
    lifecycle.record(case, "alert.received", actor=SYSTEM, at=clock.at)
    alarm = OutboxRow.objects.get(topic="notice").payload
    assert (alarm["unit_id"], alarm["role"]) == (cast.units.bureau.pk, "bureau")


def test_a_failed_follower_is_run_again(cast, clock, monkeypatch) -> None:
    following(monkeypatch, "stumble", guarded={"stumble": ""})
    case = a_case(cast, clock.at)
    lifecycle.record(case, "alert.received", actor=SYSTEM, at=clock.at)
    row = OutboxRow.objects.get(topic="follow")
    row.payload["path"] = _path("tell")
    lifecycle.retry_follower(row, at=clock.at)
    assert TOLD == ["alert.received scene"]


# The machine under every other object with a status ------------------------------------------------------


def test_a_status_without_an_entry_is_final() -> None:
    table = Transitions({"sent": {"accepted", "returned"}})
    assert table.allows("sent", "accepted")
    assert not table.allows("accepted", "sent")
    with pytest.raises(Conflict, match="交办单当前为“ACCEPTED”，不能改为“SENT”"):
        table.check("accepted", "sent", noun="交办单", name_of=str.upper)
