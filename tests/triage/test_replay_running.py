"""Replay as it is started, stopped, failed and taken up again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub import celery as hub_celery
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from tests.triage.conftest import CALM, call_some, run
from triage import engine, selectors, services, tasks
from triage.models import Replay, RuleSet
from triage.services._rules import digest_of

State = Replay.State


# Starting, stopping, failing ------------------------------------------------------------------------------


def test_one_replay_at_a_time_for_a_version(ask, call, clock, softer) -> None:
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
def test_a_span_that_cannot_be(softer, cast, call, clock, back: int, span: int) -> None:
    call(CALM)
    since = clock.at - timedelta(days=back)
    with pytest.raises(Invalid):
        services.request_replay(
            softer, since=since, until=since + timedelta(days=span), actor=cast.bureau, at=clock.at
        )


def test_without_alerts_there_is_nothing_to_try(ask) -> None:
    with pytest.raises(Invalid) as refused:
        ask()
    assert "没有警情" in refused.value.fields["days"][0]


def test_rules_that_do_not_compile_are_refused_at_once(ask, call, softer) -> None:
    call(CALM)
    content = {**softer.content, "factor": [{**softer.content["factor"][0], "points": -1}]}
    RuleSet.objects.filter(pk=softer.pk).update(content=content, digest=digest_of(content))
    with pytest.raises(Invalid, match="规则内容不能使用"):
        ask()


def test_an_edit_meanwhile_ends_it_with_the_reason(ask, call, clock, softer, small_slices) -> None:
    call_some(call, clock)
    replay = ask()
    services.run_slice(replay.pk, at=clock.at)
    RuleSet.objects.filter(pk=softer.pk).update(digest="edited")
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


def test_stopping_keeps_what_was_tried(ask, call, cast, clock, small_slices) -> None:
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


def test_the_task_stands_in_line_again_until_it_is_done(ask, call, clock, small_slices, monkeypatch) -> None:
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


@pytest.mark.parametrize(("worker", "steps"), [("heavy@host", [10]), ("celery@host", []), ("", [])])
def test_the_heavy_worker_gives_way(monkeypatch, worker: str, steps: list[int]) -> None:
    taken: list[int] = []
    monkeypatch.setattr(hub_celery.os, "nice", taken.append)
    hub_celery._give_way(sender=worker)
    assert taken == steps
