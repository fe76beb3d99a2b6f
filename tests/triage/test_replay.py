"""Replay: a version tried on stored alerts, slice by slice; repeated after a kill, and nothing changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from intake import selectors as intake
from intake.models import Alert
from tests.triage.conftest import CALM, KNIFE, LOST, PUSHED, handled
from triage import engine, selectors, services, tasks
from triage.models import Assessment, Replay, ReplayedAlert, RuleSet
from triage.services import _bulk, _replaying
from triage.services._rules import digest_of, named_rules_in_force

State = Replay.State
COLD = {"weapon", "threat_kill", "threat_concrete", "threat_specific"}


@pytest.fixture
def draft(reference, cast, clock) -> RuleSet:
    """The rules in force without their red floors: every red falls to yellow."""
    content = {**engine.load_rules().draft, "version": "2"}
    content["factor"] = [
        {**one, "floor": "yellow" if one["floor"] == "red" else one["floor"]} for one in content["factor"]
    ]
    return RuleSet.objects.create(
        version="2", content=content, digest=digest_of(content), created_at=clock.at, author=cast.bureau.user
    )


@pytest.fixture
def ask(draft, cast, clock) -> Any:
    def start(rule_set: RuleSet | None = None, *, days: int = 30, actor: Any = None) -> Replay:
        clock.advance(minutes=1)
        return services.request_replay(
            rule_set or draft, since=clock.at - timedelta(days=days), until=clock.at,
            actor=actor or cast.bureau, at=clock.at,
        )  # fmt: skip

    return start


@pytest.fixture
def small(monkeypatch) -> None:
    monkeypatch.setattr(_replaying, "SLICE", 3)


def run(replay: Replay, at: Any) -> Replay:
    """As the worker does it, to the end."""
    while services.run_slice(replay.pk, at=at):
        pass
    return selectors.get_replay(replay.pk)


def call_some(call: Any, clock: Any) -> None:
    for number, text in enumerate((CALM, KNIFE, PUSHED, LOST, CALM, KNIFE, CALM)):
        clock.advance(hours=30)
        call(text, phone=f"1390000000{number}", address=f"象珠镇象珠一村{number}号")


def shown(changes: Any) -> dict[tuple[str, str], int]:
    return {(c.old, c.new): c.count for row in changes.rows for c in row.cells if c.count}


def stored() -> tuple[Any, ...]:
    """Everything a case consists of."""
    return tuple(
        list(model.objects.order_by("pk").values()) for model in (Case, Alert, Assessment, CaseEvent)
    )


# What comes out -------------------------------------------------------------------------------------------


def test_a_softer_draft_takes_reds_down(ask, call, clock, small) -> None:
    call_some(call, clock)
    replay = run(ask(), clock.at)
    assert (replay.state, replay.total, replay.done) == (State.DONE, 7, 7)
    changes = selectors.replay_changes(replay)
    assert shown(changes) == {("red", "yellow"): 2, ("blue", "blue"): 3, ("yellow", "yellow"): 1, ("", ""): 1}
    assert (changes.up, changes.down, changes.total) == (0, 2, 7)


def test_the_table_adds_up(ask, call, clock) -> None:
    call_some(call, clock)
    changes = selectors.replay_changes(run(ask(), clock.at))
    assert changes.total == sum(row.total for row in changes.rows) == sum(changes.totals) == 7
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


def test_nothing_stored_changes(ask, call, clock, small) -> None:
    call_some(call, clock)
    before = stored()
    run(ask(), clock.at)
    assert stored() == before


def test_a_killed_slice_is_done_again_without_double_rows(ask, call, clock, small, monkeypatch) -> None:
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


def test_of_two_workers_on_one_slice_the_second_stores_nothing(ask, call, clock, small, monkeypatch) -> None:
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
    """Replay; alerts, versions, parties, earlier ones, colours before returns, newest assessments; then
    savepoint, lock, rows, cursor, release."""
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
    assert len(seen) == 12


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


def test_many_judgements_are_what_was_stored(call, clock, reference) -> None:
    call_some(call, clock)
    made = _bulk.judge_many(list(_bulk.read(Alert.objects.all())), named_rules_in_force())
    for alert in Alert.objects.all():
        found = selectors.of_alert(alert)
        kept = (found.colour, found.item_code, found.sentence, found.rule_digest)
        judged = made[alert.pk]
        assert (judged.colour, judged.item_code, judged.sentence, judged.rule_digest) == kept


# Starting, stopping, failing ------------------------------------------------------------------------------


def test_one_replay_at_a_time_for_a_version(ask, call, clock, draft) -> None:
    call(CALM)
    ask()
    with pytest.raises(Conflict, match=r"排队中（防控员发起，0 / 1 条）"):
        ask()
    ask(RuleSet.objects.get(version="1"))


def test_after_the_end_it_may_be_run_again(ask, call, clock) -> None:
    call(CALM)
    run(ask(), clock.at)
    assert run(ask(), clock.at).state == State.DONE
    assert Replay.objects.count() == 2


@pytest.mark.parametrize(("back", "span"), [(10, 0), (5, -1), (400, 400)])
def test_a_span_that_cannot_be(draft, cast, call, clock, back: int, span: int) -> None:
    call(CALM)
    since = clock.at - timedelta(days=back)
    with pytest.raises(Invalid):
        services.request_replay(
            draft, since=since, until=since + timedelta(days=span), actor=cast.bureau, at=clock.at
        )


def test_without_alerts_there_is_nothing_to_try(ask) -> None:
    with pytest.raises(Invalid) as refused:
        ask()
    assert "没有警情" in refused.value.fields["days"][0]


def test_rules_that_do_not_compile_are_refused_at_once(ask, call, draft) -> None:
    call(CALM)
    content = {**draft.content, "factor": [{**draft.content["factor"][0], "points": -1}]}
    RuleSet.objects.filter(pk=draft.pk).update(content=content, digest=digest_of(content))
    with pytest.raises(Invalid, match="规则内容不能使用"):
        ask()


def test_an_edit_meanwhile_ends_it_with_the_reason(ask, call, clock, draft, small) -> None:
    call_some(call, clock)
    replay = ask()
    services.run_slice(replay.pk, at=clock.at)
    RuleSet.objects.filter(pk=draft.pk).update(digest="edited")
    assert services.run_slice(replay.pk, at=clock.at) is False
    failed = Replay.objects.get()
    assert (failed.state, failed.done) == (State.FAILED, 3)
    assert "改动" in failed.error


def test_an_unexpected_error_ends_it(ask, call, clock, monkeypatch) -> None:
    call(CALM)
    replay = ask()
    monkeypatch.setattr(engine, "assess", lambda report, rules: 1 / 0)
    assert services.run_slice(replay.pk, at=clock.at) is False
    assert Replay.objects.get().state == State.FAILED
    assert "ZeroDivisionError" in Replay.objects.get().error


def test_stopping_keeps_what_was_tried(ask, call, cast, clock, small) -> None:
    call_some(call, clock)
    replay = ask()
    services.run_slice(replay.pk, at=clock.at)
    services.stop_replay(replay, actor=cast.security_admin, at=clock.at)
    assert services.run_slice(replay.pk, at=clock.at) is False
    stopped = selectors.get_replay(replay.pk)
    assert (stopped.state, stopped.done, selectors.replay_changes(stopped).total) == (State.STOPPED, 3, 3)
    with pytest.raises(Conflict, match="已停止"):
        services.stop_replay(replay, actor=cast.bureau, at=clock.at)


def test_the_right(ask, call, cast, clock) -> None:
    call(CALM)
    with pytest.raises(NoRight):
        ask(actor=cast.station_chief)
    replay = ask(actor=cast.security_admin)
    with pytest.raises(NoRight):
        services.stop_replay(replay, actor=cast.officer, at=clock.at)


def test_who_asked_is_told(ask, call, cast, clock) -> None:
    call(CALM)
    replay = run(ask(), clock.at)
    (payload,) = [
        row.payload
        for row in OutboxRow.objects.filter(topic="notice")
        if row.payload["kind"] == "replay.ended"
    ]
    assert (payload["post_id"], payload["link"]) == (cast.bureau.post.pk, f"/replays/{replay.pk}/")
    assert payload["title"] == "规则第2版试算已完成：1 条警情"


# The worker -----------------------------------------------------------------------------------------------


def test_the_task_stands_in_line_again_until_it_is_done(ask, call, clock, small, monkeypatch) -> None:
    call_some(call, clock)
    replay, sent = ask(), []
    monkeypatch.setattr(tasks.replay_slice, "delay", sent.append)
    for _ in range(3):
        tasks.replay_slice(replay.pk)
    assert sent == [replay.pk, replay.pk]
    assert Replay.objects.get().state == State.DONE


@pytest.mark.parametrize(("minutes", "revived"), [(1.9, 0), (2, 1)])
def test_a_silent_replay_is_taken_up_again(ask, call, clock, monkeypatch, minutes, revived) -> None:
    call(CALM)
    replay, sent = ask(), []
    monkeypatch.setattr(tasks.replay_slice, "apply_async", lambda **said: sent.append(said["args"]))
    clock.advance(minutes=minutes)
    tasks.revive_replays()
    assert sent == [(replay.pk,)] * revived


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "不到1分钟"), (59, "不到1分钟"), (60, "约1分钟"), (61, "约2分钟"), (3600, "约1小时"),
     (4800, "约1小时20分")],
)  # fmt: skip
def test_an_estimate_in_words(seconds: float, text: str) -> None:
    assert selectors.duration_text(seconds) == text
