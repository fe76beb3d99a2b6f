"""A rule set is tried on stored alerts before it comes into force: slice by slice, and nothing changes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Final

from celery import current_app
from django.db import DatabaseError, transaction
from django.db.models import Count, Min, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.selectors import posts_of
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from intake.models import Alert
from triage import engine
from triage.models import Replay, ReplayedAlert, RuleSet
from triage.services import _bulk as bulk
from triage.services._rules import Named, named_rules

log = logging.getLogger(__name__)
State = Replay.State
UNDER_WAY: Final = (State.QUEUED, State.RUNNING)
# About a third of a second of work: what a killed worker loses, and what an import waits behind.
SLICE: Final = 500
SAMPLE: Final = 200
LONGEST: Final = timedelta(days=366)
EDITED: Final = "试算期间规则内容有改动，本次结果不完整，请重新试算。"
UNUSABLE: Final = "规则内容不能使用，请先按提示改正。"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many alerts a replay would read and for how long; timed on a sample."""

    total: int
    seconds: float
    first_id: int


def estimate_replay(rule_set: RuleSet, *, since: datetime, until: datetime) -> Estimate:
    """Count the alerts of [since, until) and time the rules on 200 of them; stores nothing.

    Raises Invalid when there is no alert, the span is empty or longer than a year, or the rules cannot
    be compiled.
    """
    if not timedelta(0) < until - since <= LONGEST:
        raise Invalid(fields={"since": ["起止日期应先后有序，且不超过一年。"]})
    counted = _within(since, until).aggregate(total=Count("id"), first_id=Min("id"))
    if not counted["total"]:
        raise Invalid(fields={"days": ["该时间段内没有警情，请换一个时间段。"]})
    sample = _within(since, until).filter(pk__gte=counted["first_id"])
    named = _rules_to_try(rule_set.digest)
    began = perf_counter()
    alerts = list(bulk.read(sample).order_by("id")[:SAMPLE])
    bulk.judge_many(alerts, named, bulk.stood(alert.pk for alert in alerts))
    seconds = (perf_counter() - began) / len(alerts) * counted["total"]
    return Estimate(counted["total"], seconds, counted["first_id"])


@transaction.atomic
def request_replay(
    rule_set: RuleSet, *, since: datetime, until: datetime, actor: PostActor, at: datetime
) -> Replay:
    """Queue a replay of the alerts received in [since, until); the background runs it.

    One at a time for a rule set: Conflict names the one under way. Raises Invalid as `estimate_replay`.
    """
    policy.require(actor, "rules.manage", at=at)
    rule_set = RuleSet.objects.select_for_update(of=("self",)).get(pk=rule_set.pk)
    _refuse_second(rule_set)
    found = estimate_replay(rule_set, since=since, until=until)
    replay = Replay.objects.create(
        rule_set=rule_set, digest=rule_set.digest, since=since, until=until, total=found.total,
        cursor=found.first_id - 1, requested_by=actor.user, requested_at=at, beat_at=at,
    )  # fmt: skip
    transaction.on_commit(partial(_wake, replay.pk))
    return replay


def _refuse_second(rule_set: RuleSet) -> None:
    running = Replay.objects.filter(rule_set=rule_set, state__in=UNDER_WAY).select_related("requested_by")
    for other in running:
        done = f"{other.done} / {other.total} 条"
        raise Conflict(
            f"该版本已有试算{other.get_state_display()}（{other.requested_by.full_name}发起，{done}）。"
        )


def _wake(replay_id: int) -> None:
    """Ask a worker to begin; what a lost nudge leaves behind, the sweep finds."""
    try:
        current_app.send_task("triage.tasks.replay_slice", args=[replay_id], retry=False, ignore_result=True)
    except Exception as error:
        log.warning("nudge lost: %s", type(error).__name__)


def _within(since: datetime, until: datetime) -> QuerySet[Alert]:
    return Alert.objects.filter(received_at__gte=since, received_at__lt=until)


def _rules_to_try(digest: str) -> Named:
    try:
        return named_rules(digest)
    except (engine.RuleError, KeyError, TypeError, ValueError) as error:
        raise Invalid(f"{UNUSABLE}（{error}）"[:200]) from error


def run_slice(replay_id: int, *, at: datetime) -> bool:
    """Judge the next alerts of a replay and store what came out; True while there is more to do.

    Judging happens outside any transaction; rows and cursor are stored together, and only if the cursor
    still stands where it was read. So a killed worker's slice is simply done again, and of two workers
    on one replay the second stores nothing and goes home.
    """
    replay = Replay.objects.select_related("rule_set").defer("rule_set__content").get(pk=replay_id)
    if replay.state not in UNDER_WAY:
        return False
    began = perf_counter()
    try:
        rows = _tried(replay)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("replay failed", extra={"replay_id": replay_id})
        return _fail(replay, error, at=at)
    return _store(replay, rows, seconds=perf_counter() - began, at=at)


def _tried(replay: Replay) -> list[ReplayedAlert]:
    if replay.rule_set.digest != replay.digest:
        raise Conflict(EDITED)
    named = _rules_to_try(replay.digest)
    ahead = _within(replay.since, replay.until).filter(pk__gt=replay.cursor)
    alerts = list(bulk.read(ahead).order_by("id")[:SLICE])
    old = bulk.stood(alert.pk for alert in alerts)
    judgements = bulk.judge_many(alerts, named, old)
    return [
        ReplayedAlert(
            replay=replay,
            alert=alert,
            old_colour=old.get(alert.pk, bulk.Stood()).colour,
            new_colour=judgements[alert.pk].colour,
            old_item=old.get(alert.pk, bulk.Stood()).item,
            new_item=judgements[alert.pk].item_code,
            new_sentence=judgements[alert.pk].sentence[:200],
        )
        for alert in alerts
    ]


@transaction.atomic
def _store(replay: Replay, rows: list[ReplayedAlert], *, seconds: float, at: datetime) -> bool:
    held = _held(replay)
    if held is None:
        return False
    ReplayedAlert.objects.bulk_create(rows)
    held.cursor = rows[-1].alert_id if rows else held.cursor
    held.done += len(rows)
    held.total = max(held.total, held.done)
    held.seconds_spent += seconds
    held.state, held.started_at, held.beat_at = State.RUNNING, held.started_at or at, at
    more = len(rows) == SLICE
    if not more:
        held.state, held.finished_at, held.total = State.DONE, at, held.done
        _tell(held, at=at)
    held.save()
    return more


def _held(replay: Replay) -> Replay | None:
    """The replay, locked, if it is still where this worker found it."""
    held = Replay.objects.select_for_update(of=("self",)).get(pk=replay.pk)
    return held if held.state in UNDER_WAY and held.cursor == replay.cursor else None


@transaction.atomic
def _fail(replay: Replay, error: Exception, *, at: datetime) -> bool:
    held = _held(replay)
    if held is not None:
        said = (
            str(error) if isinstance(error, Conflict | Invalid) else f"试算出错（{type(error).__name__}）。"
        )
        held.state, held.error, held.finished_at = State.FAILED, said[:200], at
        held.save(update_fields=["state", "error", "finished_at"])
        _tell(held, at=at)
    return False


def _tell(replay: Replay, *, at: datetime) -> None:
    """Whoever asked for it, at each post that may look at it."""
    version = RuleSet.objects.values_list("version", flat=True).get(pk=replay.rule_set_id)
    for post in posts_of(replay.requested_by, at):
        if policy.allows(post.role, "rules.manage"):
            message = outbox.Message(
                kind="replay.ended",
                title=f"规则第{version}版试算{replay.get_state_display()}：{replay.done} 条警情",
                link=f"/replays/{replay.pk}/",
                post_id=post.pk,
            )
            outbox.notify(message, at=at, case_id=None)


@transaction.atomic
def stop_replay(replay: Replay, *, actor: PostActor, at: datetime) -> Replay:
    """End a replay before it is through; what was tried stays readable. Conflict when it has ended."""
    policy.require(actor, "rules.manage", at=at)
    held = Replay.objects.select_for_update(of=("self",)).get(pk=replay.pk)
    if held.state not in UNDER_WAY:
        raise Conflict(f"该试算{held.get_state_display()}，无需停止。")
    held.state, held.finished_at = State.STOPPED, at
    held.save(update_fields=["state", "finished_at"])
    return held
