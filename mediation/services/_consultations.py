"""Consultations: convened, agenda, decisions with owner and date, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from mediation.models import AgendaEntry, Consultation, ConsultationLevel, Decision

L = ConsultationLevel
# handbook 8: 所级日会商 by the station, 周/月会商 by the bureau, 政法委会商 by the committee.
LEVELS_OF: Final[dict[str, tuple[str, ...]]] = {
    Role.STATION_CHIEF: (L.DAY, L.DIAGNOSIS, L.PRE_HOLIDAY),
    Role.STATION_COMMAND: (L.DAY, L.DIAGNOSIS, L.PRE_HOLIDAY),
    Role.BUREAU: (L.WEEK, L.MONTH, L.DIAGNOSIS, L.PRE_HOLIDAY),
    Role.POLITICAL_LEGAL: (L.ESCALATED, L.DIAGNOSIS),
}
HELD_AHEAD_WITHIN = timedelta(days=60)
REQUESTED: Final = "每日汇总提交会商"


@dataclass(frozen=True, slots=True)
class Task:
    """What one unit must do until when, as a consultation decides it."""

    unit: Unit
    task: str
    due_at: datetime


@transaction.atomic
def convene_consultation(*, level: str, held_on: date, actor: PostActor, at: datetime) -> Consultation:
    """Open a meeting of the actor's unit; one of a level a day is enough, the same one is returned."""
    policy.require(actor, "consultation.convene", at=at)
    today = time.beijing_date(at)
    fields = {}
    # A duty leader (值班代批) convenes what his chief would.
    if level not in LEVELS_OF.get(actor.role, LEVELS_OF[Role.STATION_CHIEF]):
        fields["level"] = ["请选择本单位可以召集的会商层级。"]
    if not today <= held_on <= today + HELD_AHEAD_WITHIN:
        fields["held_on"] = ["会商日期应在今天起60天以内。"]
    if fields:
        raise Invalid("会商安排不完整。", fields=fields)
    found, _ = Consultation.objects.get_or_create(
        unit=actor.post.unit,
        level=level,
        held_on=held_on,
        closed_at=None,
        defaults={
            "number": numbers.issue("consultation", at),
            "convened_at": at,
            "convened_by": actor.post,
        },
    )
    return found


@transaction.atomic
def put_on_agenda(
    consultation: Consultation, case: Case, *, reason: str, actor: PostActor, at: datetime
) -> AgendaEntry:
    """Put an unsettled case on an open agenda, once."""
    policy.require(actor, "consultation.convene", at=at)
    case = cases.lock(case.pk)
    row = _lock_open(consultation)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，无需提交会商。")
    return _list(row, case, reason, actor=actor, at=at)


def _list(
    consultation: Consultation,
    case: Case,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    cause: CaseEvent | None = None,
) -> AgendaEntry:
    entry, made = AgendaEntry.objects.get_or_create(
        consultation=consultation, case=case, defaults={"reason": reason[:100], "added_at": at}
    )
    if made:
        lifecycle.record(
            case, "consultation.listed", actor=actor, at=at, subject=consultation, cause=cause,
            data={"number": consultation.number, "level": consultation.level, "reason": reason[:100]},
        )  # fmt: skip
    return entry


def list_requested(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `consultation.requested`: the case stands on today's 日会商 of its station."""
    asked_by = event.actor_post
    if asked_by is None:
        return
    consultation, _ = Consultation.objects.get_or_create(
        unit=asked_by.unit,
        level=L.DAY,
        held_on=time.beijing_date(at),
        closed_at=None,
        defaults={"number": numbers.issue("consultation", at), "convened_at": at, "convened_by": asked_by},
    )
    _list(consultation, case, REQUESTED, actor=actor, at=at, cause=event)


def drop_requested(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `consultation.withdrawn`: off today's 日会商 again, unless it was talked about by then."""
    entries = AgendaEntry.objects.filter(
        case=case, consultation__unit=event.actor_post.unit_id if event.actor_post else None,
        consultation__level=L.DAY, consultation__held_on=time.beijing_date(at), reason=REQUESTED,
    )  # fmt: skip
    for entry in entries.select_related("consultation"):
        if entry.points or entry.consultation.closed_at or entry.decisions.exists():
            raise Conflict("该案件已会商，不能撤销；请在会商中处理。")
        entry.delete()


@transaction.atomic
def put_many_on_agenda(
    consultation: Consultation, listed: Sequence[tuple[Case, str]], *, actor: PostActor, at: datetime
) -> list[AgendaEntry]:
    """Put several cases on the agenda, each with its reason; what was settled meanwhile is left out."""
    policy.require(actor, "consultation.convene", at=at)
    if not listed:
        raise Invalid("请至少选择一件案件。", fields={"chosen": ["请勾选要提交会商的案件，或填写案件编号。"]})
    reasons = {case.pk: reason for case, reason in listed}
    locked = [cases.lock(pk) for pk in sorted(reasons)]
    return [
        put_on_agenda(consultation, case, reason=reasons[case.pk], actor=actor, at=at)
        for case in locked
        if case.is_open
    ]


@transaction.atomic
def bring_to_consultation(
    case: Case,
    *,
    level: str,
    held_on: date,
    reason: str,
    tasks: Sequence[Task],
    actor: PostActor,
    at: datetime,
) -> AgendaEntry:
    """提交会商: convene (or find) the meeting, put the case on its agenda, record what was decided."""
    policy.require(actor, "consultation.convene", at=at)
    cases.lock(case.pk)
    consultation = convene_consultation(level=level, held_on=held_on, actor=actor, at=at)
    entry = put_on_agenda(consultation, case, reason=reason, actor=actor, at=at)
    for one in tasks:
        decide(entry, unit=one.unit, task=one.task, due_at=one.due_at, actor=actor, at=at)
    return entry


@transaction.atomic
def decide(
    entry: AgendaEntry,
    *,
    unit: Unit,
    task: str,
    due_at: datetime,
    actor: PostActor,
    at: datetime,
    points: str = "",
) -> Decision:
    """One task with one owner and one date; it runs on a clock like everything else."""
    policy.require(actor, "consultation.convene", at=at)
    case = cases.lock(entry.case_id)
    consultation = _lock_open(entry.consultation)
    fields = {}
    if not task.strip():
        fields["task"] = ["请写明要做什么。"]
    if due_at <= at:
        fields["due_at"] = ["完成时间须晚于现在。"]
    if fields:
        raise Invalid("会商任务不完整。", fields=fields)
    if points.strip():
        AgendaEntry.objects.filter(pk=entry.pk).update(points=points.strip())
    decision = Decision.objects.create(
        entry=entry, unit=unit, task=task.strip(), due_at=due_at, decided_at=at, decided_by=actor.post
    )
    holder = deadlines.Holder(unit_id=unit.pk)
    deadlines.start(case, decision, "decision.due", key="", holder=holder, at=at, due_at=due_at)
    lifecycle.record(
        case, "consultation.decided", actor=actor, at=at, subject=decision,
        data={"number": consultation.number, "unit": unit.name, "task": task, "due_at": due_at.isoformat()},
    )  # fmt: skip
    message = outbox.Message(
        kind="consultation.decided", title=f"会商任务：{case.case_no}，请按期完成",
        link="/consultations/decisions/", unit_id=unit.pk,
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=case.pk)
    return decision


@transaction.atomic
def complete_decision(decision: Decision, *, text: str, actor: PostActor, at: datetime) -> Decision:
    """The owner says that the task is done."""
    policy.require(actor, "decision.complete", at=at)
    case = cases.lock(decision.entry.case_id)
    row = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if row.done_at is not None:
        raise Conflict("该会商任务已完成。")
    need_text(text, "请填写完成情况。", hint="请写明做了什么、结果如何。")
    row.done_at, row.done_text = at, text.strip()
    row.save()
    deadlines.meet(row, "decision.due", at=at)
    lifecycle.record(case, "consultation.done", actor=actor, at=at, subject=row, data={"text": text})
    return row


@transaction.atomic
def close_consultation(
    consultation: Consultation, *, attendees: str, minutes: str, actor: PostActor, at: datetime
) -> Consultation:
    """Sign the minutes; the agenda is fixed from now on."""
    policy.require(actor, "consultation.convene", at=at)
    # Cases before the consultation, as everybody who adds to the agenda does: no deadlock.
    case_ids = sorted(consultation.agenda.values_list("case_id", flat=True))
    locked = [cases.lock(case_id) for case_id in case_ids]
    row = _lock_open(consultation)
    if case_ids != sorted(row.agenda.values_list("case_id", flat=True)):
        raise Conflict("议程刚有变动，请刷新核对后再结束会商。")
    fields = {}
    if not attendees.strip():
        fields["attendees"] = ["请填写参会人员。"]
    if not minutes.strip():
        fields["minutes"] = ["请写明会商意见。"]
    if fields:
        raise Invalid("会商纪要不完整。", fields=fields)
    row.attendees, row.minutes, row.closed_at = attendees.strip(), minutes.strip(), at
    row.save()
    said = {"number": row.number, "level": row.level}
    for case in locked:
        lifecycle.record(case, "consultation.held", actor=actor, at=at, subject=row, data=said)
    return row


def _lock_open(consultation: Consultation) -> Consultation:
    row = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    if row.closed_at is not None:
        raise Conflict("该会商已结束，不能再修改。")
    return row
