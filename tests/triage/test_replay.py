"""Replay: a version tried on stored alerts, slice by slice; repeated after a kill, and nothing changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.time import beijing_date
from intake import selectors as intake
from intake.models import Alert
from tests.triage.conftest import CALM, KNIFE, LOST, PUSHED, call_some, handled, run
from triage import engine, selectors, services
from triage.models import Assessment, PartyMarker, Replay, ReplayedAlert, RuleSet
from triage.selectors._told import told_of
from triage.selectors._told_many import Moment, told_of_many
from triage.services import _bulk, _replaying
from triage.services._rules import named_rules_in_force

State = Replay.State


def shown(changes: Any) -> dict[tuple[str, str], int]:
    return {(c.old, c.new): c.count for row in changes.rows for c in row.cells if c.count}


def stored() -> tuple[Any, ...]:
    """Everything a case consists of."""
    return tuple(
        list(model.objects.order_by("pk").values()) for model in (Case, Alert, Assessment, CaseEvent)
    )


# What comes out -------------------------------------------------------------------------------------------


def test_a_softer_draft_takes_reds_down(ask, call, clock, small_slices) -> None:
    call_some(call, clock)
    replay = run(ask(), clock.at)
    assert (replay.state, replay.total, replay.done) == (State.DONE, 7, 7)
    changes = selectors.replay_changes(replay)
    assert shown(changes) == {("red", "yellow"): 2, ("blue", "blue"): 3, ("yellow", "yellow"): 1, ("", ""): 1}
    assert (changes.up, changes.down, changes.total) == (0, 2, 7)


def test_the_table_adds_up(ask, call, clock) -> None:
    call_some(call, clock)
    changes = selectors.replay_changes(run(ask(), clock.at))
    columns = sum(number for _, number in changes.totals)
    assert changes.total == sum(row.total for row in changes.rows) == columns == 7
    assert (
        changes.up + changes.down + sum(c.count for r in changes.rows for c in r.cells if c.move == "same")
        == 7
    )


def test_the_rules_in_force_change_nothing(ask, call, clock, reference) -> None:
    """Old and new are judged alike: return fights, repeats and all."""
    alert = call(PUSHED)
    handled(alert, "settled", clock.advance(hours=1))
    clock.advance(hours=3)
    call(CALM, address="象珠镇象珠一村12号")
    clock.advance(days=4)
    call(PUSHED)
    call_some(call, clock)
    changes = selectors.replay_changes(run(ask(RuleSet.objects.get(version="1")), clock.at))
    assert (changes.up, changes.down, changes.items, changes.total) == (0, 0, 0, 10)
    assert Assessment.objects.filter(factors__contains=[{"code": "returned_fight"}]).exists()


def test_items_and_disputes_are_counted(ask, call, clock, monkeypatch) -> None:
    call(CALM)
    clock.advance(days=1)
    call(LOST, phone="13900000001", address="象珠镇二村1号")
    real = engine.assess

    def other_way(report: Any, rules: Any) -> Any:
        found = real(report, rules)
        item = "N0101" if found.item == "X0000" else "X0000"
        changed = {"item": item, "dispute": not found.dispute, "colour": None if found.dispute else "blue"}
        return type(found)(**{name: getattr(found, name) for name in found.__slots__} | changed)

    replay = ask()
    monkeypatch.setattr(engine, "assess", other_way)
    changes = selectors.replay_changes(run(replay, clock.at))
    assert (changes.items, changes.now_disputes, changes.no_disputes) == (2, 1, 1)
    assert shown(changes) == {("blue", ""): 1, ("", "blue"): 1}


def test_only_the_chosen_span_is_read(ask, call, clock) -> None:
    call(CALM)
    clock.advance(days=10)
    call(CALM, phone="13900000001")
    assert ask(days=7).total == 1


def test_an_alert_nobody_assessed_has_no_old_colour(ask, call, clock, monkeypatch) -> None:
    call(KNIFE)
    monkeypatch.setattr(_bulk, "stood", lambda ids: {})
    changes = selectors.replay_changes(run(ask(), clock.at))
    assert shown(changes) == {("", "yellow"): 1}
    assert (changes.up, changes.items) == (1, 0)


# Nothing changes, nothing is doubled ----------------------------------------------------------------------


def test_nothing_stored_changes(ask, call, clock, small_slices) -> None:
    call_some(call, clock)
    before = stored()
    run(ask(), clock.at)
    assert stored() == before


def test_a_killed_slice_is_done_again(ask, call, clock, small_slices, monkeypatch) -> None:
    call_some(call, clock)
    replay = ask()
    services.run_slice(replay.pk, at=clock.at)
    real = Replay.save

    class Killed(BaseException):
        pass

    def die(self, *args: Any, **kwargs: Any) -> None:
        raise Killed

    monkeypatch.setattr(Replay, "save", die)
    with pytest.raises(Killed), transaction.atomic():
        services.run_slice(replay.pk, at=clock.at)
    monkeypatch.setattr(Replay, "save", real)
    assert ReplayedAlert.objects.count() == Replay.objects.get().done == 3
    done = run(replay, clock.at)
    assert (done.state, done.done) == (State.DONE, 7)
    assert max(Counter(ReplayedAlert.objects.values_list("alert_id", flat=True)).values()) == 1


def test_of_two_workers_the_second_stores_nothing(ask, call, clock, small_slices, monkeypatch) -> None:
    call_some(call, clock)
    replay = ask()
    real = _replaying._tried

    def overtaken(held: Replay) -> Any:
        rows = real(held)
        monkeypatch.setattr(_replaying, "_tried", real)
        services.run_slice(replay.pk, at=clock.at)
        return rows

    monkeypatch.setattr(_replaying, "_tried", overtaken)
    assert services.run_slice(replay.pk, at=clock.at) is False
    assert Replay.objects.get().done == ReplayedAlert.objects.count() == 3


@pytest.mark.parametrize("number", [1, 3])
def test_a_slice_costs_the_same_queries_whatever_its_size(ask, call, clock, monkeypatch, number) -> None:
    """Replay; alerts, newest assessments, four for what was told, versions, parties, earlier ones, colours
    before returns; then savepoint, lock, rows, cursor, release."""
    for _ in range(7):
        alert = call(PUSHED, phone="13900000001")
        handled(alert, "unsettled", clock.advance(minutes=50))
        clock.advance(hours=3)
    replay = ask()
    monkeypatch.setattr(_replaying, "SLICE", number)
    services.run_slice(replay.pk, at=clock.at)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        services.run_slice(replay.pk, at=clock.at)
    assert len(seen) == 16


# What came before many alerts -----------------------------------------------------------------------------


def test_many_priors_are_the_priors_of_each(call, clock) -> None:
    for hours, phone in enumerate(("13900000001", "13900000002", "13900000001", "", "13900000001") * 2):
        alert = call(PUSHED, phone=phone, address=f"象珠镇象珠一村{hours % 3}号")
        if hours % 2:
            handled(alert, "settled", clock.advance(minutes=30))
        clock.advance(days=3 * hours)
    alerts = list(Alert.objects.select_related("source", "case"))
    many = intake.priors_of_many(alerts)
    assert sum(map(len, many.values())) > 10
    assert many == {alert.pk: intake.priors_of(alert) for alert in alerts}


def test_what_was_told_of_many_is_what_was_told_of_each(call, clock) -> None:
    for number in (1, 2, 1):
        alert = call(PUSHED, phone=f"1390000000{number}", address=f"象珠镇象珠一村{number}号")
        clock.advance(days=1)
        handled(alert, "unsettled", clock.at)
        for kind, data in (("mediation.failed", {"text": "未谈成"}), ("case.contacted", {"text": "又来电"})):
            clock.advance(hours=1)
            lifecycle.record(alert.case, kind, actor=SYSTEM, at=clock.at, data=data)
    for days, phone in ((0, "13900000001"), (-3, "13900000002"), (60, "13900000002")):
        day = clock.at.date() + timedelta(days=days)
        PartyMarker.objects.create(
            kind="prior_violence", phone=phone, source="市局", valid_from=day, supplied_at=clock.at,
            valid_until=day + timedelta(days=30),
        )  # fmt: skip
    alerts = Alert.objects.select_related("case").order_by("id")
    many = told_of_many(
        [Moment(one.pk, one.case_id, one.received_at, one.case.opened_at, clock.at) for one in alerts]
    )
    assert {len(told.known) for told in many.values()} == {1}
    assert all(told.texts and told.failed_mediations for told in many.values())
    assert many == {
        one.pk: told_of(one.case_id, since=one.received_at, on=beijing_date(clock.at)) for one in alerts
    }
    before = [
        Moment(one.pk, one.case_id, one.received_at, one.case.opened_at, one.received_at) for one in alerts
    ]
    assert told_of_many(before)[alerts[0].pk].texts == ()


def test_many_judgements_are_what_was_stored(call, clock, reference) -> None:
    call_some(call, clock)
    alerts = list(_bulk.read(Alert.objects.all()))
    old = _bulk.stood(alert.pk for alert in alerts)
    made = _bulk.judge_many(alerts, named_rules_in_force(), old)
    for alert in Alert.objects.all():
        found = selectors.of_alert(alert)
        kept = (found.colour, found.item_code, found.sentence, found.rule_digest)
        judged = made[alert.pk]
        assert (judged.colour, judged.item_code, judged.sentence, judged.rule_digest) == kept
