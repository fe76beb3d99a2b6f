"""Stored alerts assessed again after a change of rules: colour only upward, as when they came."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import DatabaseError, transaction

from dispute_hub.accounts.actor import Actor
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import GRAVITY, CaseEvent
from intake.models import Alert
from triage.services import _bulk as bulk
from triage.services._assessing import record
from triage.services._judgement import Judgement
from triage.services._rules import named_rules_in_force

log = logging.getLogger(__name__)
CAUSES: Final = ("alert.received", "alert.amended")


@dataclass(frozen=True, slots=True)
class Reassessed:
    """What became of one alert: `how` is done, known (another run or a correction was first) or failed."""

    alert_id: int
    old_colour: str
    new_colour: str
    old_item: str
    new_item: str
    how: str = "done"
    raised: bool = False


def reassess_many(alert_ids: Iterable[int], *, actor: Actor, at: datetime) -> list[Reassessed]:
    """Assess each alert again by the rules in force, a transaction for each; Reassessed in order of id.

    Records `case.reassessed`, and `case.colour_raised` where the case rose. Whatever stops it between two
    alerts, the next run goes on: an alert whose newest assessment has the digest in force is left alone.
    """
    return [_stored(tried, judged, actor=actor, at=at) for tried, judged in _judged(alert_ids)]


def try_reassessing(alert_ids: Iterable[int]) -> list[Reassessed]:
    """What `reassess_many` would say of each alert; stores nothing."""
    return [tried for tried, _ in _judged(alert_ids)]


@dataclass(frozen=True, slots=True)
class _Judged:
    alert: Alert
    judgement: Judgement
    digest: str


def _judged(alert_ids: Iterable[int]) -> list[tuple[Reassessed, _Judged]]:
    named = named_rules_in_force()
    alerts = list(bulk.read(Alert.objects.filter(pk__in=list(alert_ids))).order_by("id"))
    stood = bulk.stood(alert.pk for alert in alerts)
    judgements = bulk.judge_many(alerts, named, stood)
    found = []
    for alert in alerts:
        old, new = stood.get(alert.pk, bulk.Stood()), judgements[alert.pk]
        tried = Reassessed(alert.pk, old.colour, new.colour, old.item, new.item_code)
        found.append((tried, _Judged(alert, new, named.digest)))
    return found


def _stored(tried: Reassessed, judged: _Judged, *, actor: Actor, at: datetime) -> Reassessed:
    how, raised = "failed", False
    try:
        how, raised = _store(judged, actor=actor, at=at)
    except DatabaseError:
        raise
    except Exception:
        log.exception("an alert could not be assessed again", extra={"alert_id": tried.alert_id})
    return Reassessed(
        tried.alert_id, tried.old_colour, tried.new_colour, tried.old_item, tried.new_item, how, raised
    )


@transaction.atomic
def _store(judged: _Judged, *, actor: Actor, at: datetime) -> tuple[str, bool]:
    """Under the lock of its case, unless the alert was corrected, moved or assessed since it was read."""
    alert, judgement = judged.alert, judged.judgement
    case = cases.lock(alert.case_id)
    unchanged = Alert.objects.filter(pk=alert.pk, case=case, version=alert.version).exists()
    newest = bulk.stood([alert.pk]).get(alert.pk, bulk.Stood())
    if not unchanged or newest.digest == judged.digest:
        return "known", False
    former, would_rise = case.colour, GRAVITY[judgement.colour] > GRAVITY[case.colour]
    # The case stands below what was said of this alert before: a chief has lowered it, knowing that. The
    # same words read again are no reason to undo it.
    is_lowered = bool(former) and would_rise and GRAVITY[judgement.colour] <= GRAVITY[newest.colour]
    if alert.is_dispute != judgement.is_dispute:
        Alert.objects.filter(pk=alert.pk).update(is_dispute=judgement.is_dispute)
    cause = CaseEvent.objects.filter(case=case, kind__in=CAUSES, data__alert_id=alert.pk)
    record(
        case, judgement, "case.reassessed", alert_id=alert.pk, event=cause.order_by("-id").first(),
        actor=actor, at=at, followed=replace(judgement, colour="", item_code="") if is_lowered else None,
    )  # fmt: skip
    return "done", case.colour != former
