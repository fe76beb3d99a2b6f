"""What becomes known of a dispute after its alerts judges it again, by the same rules and as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from dispute_hub.accounts.actor import Actor
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Status
from intake.models import Alert
from triage import selectors
from triage.models import Assessment
from triage.services import _assessing
from triage.services._holding import followed_by
from triage.services._judgement import Judgement
from triage.services._levels import graver

UNCHANGED = "无变化"


@transaction.atomic
def reassess(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> Assessment | None:
    """Assess a locked case again because of `event`; colour only upward. Records `case.reassessed`.

    The whole dispute is read again, led by its newest alert: scene results, words told later, failed
    mediations, broken agreements, missed and bad follow-ups, expired waits, known facts of its people.
    Follower of all these events. Where the answer is the one that stands (same colour, item and factors
    with the same words) no second assessment is stored: the event says 无变化 and points at the standing
    one, so that the timeline shows that the case was looked at. A case without an alert in force is judged
    by what happened in it alone. None for a void or absorbed one: there is nothing to judge.
    """
    if case.status in (Status.VOID, Status.ABSORBED):
        return None
    alert = _leading_alert(case)
    if alert is None:
        judgement = _assessing.judge_events(case, at=at)
    else:
        judgement = _assessing.judge_dispute(case, alert, at=at)
    followed = followed_by(case, judgement, event=event, at=at)
    standing = selectors.latest(case)
    if standing is not None and _says(standing, judgement) and not _rises(case, followed):
        said = {"alert_id": None, "colour": judgement.colour, "note": UNCHANGED}
        lifecycle.record(
            case, "case.reassessed", actor=actor, at=at, subject=standing, data=said, cause=event
        )
        return standing
    if alert is not None and judgement.is_dispute and alert.is_dispute is False:
        # The scene showed a dispute where the call had shown none; that it is none, people confirm.
        alert.is_dispute = True
        alert.save(update_fields=["is_dispute"])
    return _assessing.record(
        case, judgement, "case.reassessed",
        alert_id=None, event=event, actor=actor, at=at, followed=followed,
    )  # fmt: skip


def _leading_alert(case: Case) -> Alert | None:
    alerts = Alert.objects.filter(case=case).exclude(outcome="void").select_related("source")
    return alerts.order_by("-received_at", "-id").first()


def _rises(case: Case, followed: Judgement) -> bool:
    return graver(case.colour, followed.colour) != case.colour


def _says(standing: Assessment, judgement: Judgement) -> bool:
    """Whether the standing assessment says the same."""
    if standing.failed or standing.is_dispute != judgement.is_dispute:
        return False
    same = (standing.colour, standing.item_code) == (judgement.colour, judgement.item_code)
    return same and _reasons(standing.factors) == _reasons(judgement.factors)


def _reasons(factors: Any) -> set[tuple[str, str, str]]:
    return {
        (found["code"], found["colour"], evidence["text"])
        for found in factors
        for evidence in found["evidence"] or [{"text": ""}]
    }
