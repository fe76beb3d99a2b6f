"""The life of a case. Reading the two tables below is reading the product.

`TRANSITIONS` is the only place that allows a case to change its status; `FOLLOWED_BY` says what
follows an event, in the same transaction. Both retell section 4 of the domain handbook.
"""

from __future__ import annotations

import logging
from datetime import datetime
from importlib import import_module
from typing import Any, Final

from django.db import models, transaction

from dispute_hub.accounts.actor import SYSTEM, Actor, post_id_of, user_id_of
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.outbox import services as outbox

log = logging.getLogger(__name__)
S = Status

TRANSITIONS: Final = Transitions(
    {
        S.POOL: {S.SCENE, S.TRACKING, S.JOINT, S.NOT_DISPUTE, S.VOID, S.ABSORBED},
        S.SCENE: {S.SETTLED, S.TRACKING, S.JOINT, S.NOT_DISPUTE, S.VOID, S.ABSORBED},
        S.TRACKING: {S.SETTLED, S.REVIEW, S.JOINT, S.NOT_DISPUTE, S.ABSORBED},
        S.REVIEW: {S.JOINT, S.TRACKING, S.SETTLED},
        S.JOINT: {S.VERIFYING, S.TRACKING},
        S.VERIFYING: {S.SETTLED, S.JOINT},
        S.SETTLED: {S.CLOSED, S.TRACKING, S.ABSORBED},
        S.CLOSED: {S.TRACKING, S.ABSORBED},
        S.NOT_DISPUTE: {S.SCENE, S.TRACKING},
        S.VOID: {S.SCENE, S.TRACKING},
        # Undoing 并入 restores the former status; `cases.services` checks that it is that one.
        S.ABSORBED: {S.POOL, S.SCENE, S.TRACKING, S.SETTLED, S.CLOSED},
    }
)

END_OPEN: Final = (
    "routing.services.end_emergency_with_case",
    "routing.services.end_open",
    "mediation.services.end_open",
    "followup.services.end_open",
)

TOLD_OUTSIDE: Final = ("routing.services.publish_order",)
# 盯办: a sign of life restarts the watcher's clock of a diverted order, its end ends the watch.
WATCHED: Final = ("routing.services.renew_watch",)
UNWATCHED: Final = ("routing.services.end_watch",)

FOLLOWED_BY: Final[dict[str, tuple[str, ...]]] = {
    "alert.received": ("triage.services.assess",),
    "alert.amended": ("triage.services.assess",),
    "alert.repeated": ("routing.services.push_second",),
    "case.assessed": (
        "routing.services.keep_complaint",
        "routing.services.push_first",
        "routing.services.offer_emergency",
    ),
    "case.reassessed": ("routing.services.offer_emergency",),
    "case.colour_raised": ("routing.services.notify_rise",),
    "case.tracking": ("followup.services.end_open", "routing.services.push_second"),
    "case.settled": (*END_OPEN, "followup.services.plan"),
    "case.closed": END_OPEN,
    "case.not_dispute": END_OPEN,
    "case.void": END_OPEN,
    "case.absorbed": END_OPEN,
    "mediation.failed": ("triage.services.reassess",),
    "agreement.breached": ("triage.services.reassess", "followup.services.plan_visit"),
    "follow_up.answered_badly": ("triage.services.reassess",),
    "follow_up.missed": ("triage.services.reassess",),
    "push.reported": ("triage.services.reassess", "routing.services.answer_emergency"),
    "case.contacted": ("triage.services.reassess",),
    "case_file.accepted": ("triage.services.reassess",),
    "case_file.detained": ("triage.services.reassess",),
    "case_file.released": ("triage.services.reassess",),
    "case_file.decided": ("triage.services.reassess",),
    "deadline.wait_expired": ("triage.services.reassess",),
    "deadline.recounted": ("followup.services.move_with_clock",),
    "deadline.approval_expired": ("routing.services.raise_unapproved",),
    "deadline.written_expired": ("routing.services.flag_unwritten",),
    "order.sent": (*TOLD_OUTSIDE, "routing.services.assign_watcher"),
    "order.accepted": (*TOLD_OUTSIDE, *WATCHED),
    "order.contacted": WATCHED,
    "order.assigned": WATCHED,
    "order.fed_back": WATCHED,
    "order.task_done": WATCHED,
    "order.to_verify": WATCHED,
    "order.returned": UNWATCHED,
    "order.recalled": (*TOLD_OUTSIDE, *UNWATCHED),
    "order.redirected": TOLD_OUTSIDE,
    "order.done": (*TOLD_OUTSIDE, *UNWATCHED),
    "order.verify_failed": (*TOLD_OUTSIDE, *WATCHED),
    "order.extended": TOLD_OUTSIDE,
    "order.extension_refused": TOLD_OUTSIDE,
    "consultation.requested": ("mediation.services.list_requested",),
    "consultation.withdrawn": ("mediation.services.drop_requested",),
    "order.proposed": ("routing.services.meet_preparation",),
    "deadline.supervision_due": ("followup.services.propose_supervision",),
    "deadline.naming_due": ("followup.services.propose_naming",),
}

# Whatever happens may change a figure of the board: the case is marked to be counted again.
EVERY_EVENT: Final = ("reports.services.mark_dirty",)
# But for these, which are followed by one that does, or are words without a change.
UNCOUNTED: Final = frozenset(
    {
        "alert.received",
        "alert.repeated",
        "alert.version_kept",
        "case.close_proposed",
        "follower.failed",
        "regrade.proposed",
        "session.convened",
        "supervision.proposed",
    }
)

# Storing an alert never depends on what follows: these run in savepoints of their own, an unexpected
# error is traced, alarmed and retried, and the stand-in (if any) acts meanwhile (handbook 4).
GUARDED: Final[dict[str, str]] = {
    "triage.services.assess": "triage.services.assess_failed",
    "triage.services.reassess": "",
    "routing.services.keep_complaint": "",
    "routing.services.push_first": "",
    "routing.services.push_second": "",
    "routing.services.notify_rise": "",
    "routing.services.assign_watcher": "",
    "routing.services.answer_emergency": "",
    "routing.services.publish_order": "",
    "routing.services.offer_emergency": "",
    "routing.services.raise_unapproved": "",
    "routing.services.flag_unwritten": "",
    "followup.services.propose_supervision": "",
    "followup.services.propose_naming": "",
}


def record(
    case: Case,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
    cause: CaseEvent | None = None,
) -> CaseEvent:
    """Append one event to the case's timeline and run what follows it, in the caller's transaction.

    `data` holds codes and texts without personal data; names and numbers are reached by the subject.
    """
    event = CaseEvent.objects.create(
        case=case,
        kind=kind,
        at=at,
        phase=case.phase,
        actor_user_id=user_id_of(actor),
        actor_post_id=post_id_of(actor),
        actor_label=actor.label,
        cause=cause,
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        data=data or {},
    )
    event.subject = subject
    for path in followers_of(kind):
        _follow(path, case, event, at)
    return event


def followers_of(kind: str) -> tuple[str, ...]:
    """Dotted paths of what follows an event of this kind, in order."""
    return FOLLOWED_BY.get(kind, ()) + (() if kind in UNCOUNTED else EVERY_EVENT)


def move(
    case: Case,
    to: str,
    *,
    actor: Actor,
    at: datetime,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
    cause: CaseEvent | None = None,
    **columns: Any,
) -> CaseEvent:
    """Change the status of a locked case, with `columns` set beside it, and record `case.<status>`.

    Raises Conflict when the table does not allow the change.
    """
    TRANSITIONS.check(case.status, to, noun="案件", name_of=lambda code: Status(code).label)
    former, case.status = case.status, to
    case.version += 1
    case.updated_at = at
    for name, value in columns.items():
        setattr(case, name, value)
    case.save(update_fields=["status", "version", "updated_at", *columns])
    said = {**(data or {}), "from": former, "to": to}
    return record(case, f"case.{to}", actor=actor, at=at, subject=subject, data=said, cause=cause)


def advance_phase(case: Case, phase: int) -> None:
    """初期 → 中期 → 后期; a case never goes back to an earlier phase."""
    if phase > case.phase:
        case.phase = phase
        case.save(update_fields=["phase"])


def resolve(path: str) -> Any:
    """The service behind a dotted path of the tables."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _follow(path: str, case: Case, event: CaseEvent, at: datetime) -> None:
    if path not in GUARDED:
        resolve(path)(case, event=event, actor=SYSTEM, at=at)
        return
    if _attempt(path, case, event, at):
        return
    stand_in = GUARDED[path]
    if stand_in:
        _attempt(stand_in, case, event, at)
    outbox.put("follow", {"path": path, "event_id": event.pk}, at=at, case_id=case.pk)
    _alarm(case, at)


def _alarm(case: Case, at: datetime) -> None:
    """Tell the command room (or the bureau, while no station is known) to look at the case itself."""
    unit_id = case.station_id or case.bureau_id
    if unit_id is None:
        return
    message = outbox.Message(
        kind="follower.failed",
        title=f"案件 {case.case_no} 自动流转出错，请人工核对研判和推送",
        link=f"/cases/{case.case_no}/",
        urgency="alarm",
        unit_id=unit_id,
        role="station_command" if case.station_id else "bureau",
    )
    outbox.notify(message, at=at, case_id=case.pk)


def _attempt(path: str, case: Case, event: CaseEvent, at: datetime) -> bool:
    """Run a guarded follower in its savepoint; False (and a trace) if it failed unexpectedly."""
    try:
        with transaction.atomic():
            resolve(path)(case, event=event, actor=SYSTEM, at=at)
    except Exception as error:
        log.exception("follower failed", extra={"path": path, "event_id": event.pk})
        # Both may say what was just rolled back.
        case.refresh_from_db()
        event.subject = None
        _record_failure(case, path, error, at=at, cause=event)
        return False
    return True


def alarm_of_failure(case: Case, path: str, error: Exception, *, at: datetime) -> None:
    """What had to happen to a locked case by itself did not: traced, and people told to look at it."""
    _record_failure(case, path, error, at=at, cause=None)
    _alarm(case, at)


def _record_failure(
    case: Case, path: str, error: Exception, *, at: datetime, cause: CaseEvent | None
) -> None:
    said = {"path": path, "error": type(error).__name__}
    record(case, "follower.failed", actor=SYSTEM, at=at, cause=cause, data=said)


def retry_follower(row: Any, *, at: datetime) -> None:
    """Outbox topic "follow": run a failed follower again under the case's lock."""
    with transaction.atomic():
        event = CaseEvent.objects.get(pk=row.payload["event_id"])
        case = Case.objects.select_for_update(of=("self",)).get(pk=event.case_id)
        resolve(row.payload["path"])(case, event=event, actor=SYSTEM, at=at)
