"""Consultations: convened, agenda, decisions with owner and date, minutes."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases import deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from mediation.models import AgendaEntry, Consultation, ConsultationLevel, Decision


@transaction.atomic
def convene_consultation(*, level: str, held_on: date, actor: PostActor, at: datetime) -> Consultation:
    """Open a meeting of the actor's unit; one of a level a day is enough, the same one is returned."""
    policy.require(actor, "consultation.convene", at=at)
    if level not in ConsultationLevel.values:
        raise Invalid("请选择会商层级。", fields={"level": ["请选择会商层级。"]})
    found = Consultation.objects.filter(
        unit=actor.post.unit, level=level, held_on=held_on, closed_at__isnull=True
    ).first()
    return found or Consultation.objects.create(
        number=numbers.issue("consultation", at),
        level=level,
        unit=actor.post.unit,
        convened_at=at,
        convened_by=actor.post,
        held_on=held_on,
    )


@transaction.atomic
def put_on_agenda(
    consultation: Consultation, case: Case, *, reason: str, actor: PostActor, at: datetime
) -> AgendaEntry:
    """Put a case on an open agenda, once."""
    policy.require(actor, "consultation.convene", at=at)
    case = cases.lock(case.pk)
    _open(consultation)
    entry, made = AgendaEntry.objects.get_or_create(
        consultation=consultation, case=case, defaults={"reason": reason[:100], "added_at": at}
    )
    if made:
        lifecycle.record(
            case, "consultation.listed", actor=actor, at=at, subject=consultation,
            data={"number": consultation.number, "level": consultation.level, "reason": reason},
        )  # fmt: skip
    return entry


@transaction.atomic
def decide(
    entry: AgendaEntry, *, unit: Unit, task: str, due_at: datetime, actor: PostActor, at: datetime
) -> Decision:
    """One task with one owner and one date; it runs on a clock like everything else."""
    policy.require(actor, "consultation.convene", at=at)
    case = cases.lock(entry.case_id)
    _open(entry.consultation)
    fields = {}
    if not task.strip():
        fields["task"] = ["请写明要做什么。"]
    if due_at <= at:
        fields["due_at"] = ["完成时间须晚于现在。"]
    if fields:
        raise Invalid("会商任务不完整。", fields=fields)
    decision = Decision.objects.create(
        entry=entry, unit=unit, task=task, due_at=due_at, decided_at=at, decided_by=actor.post
    )
    holder = deadlines.Holder(unit_id=unit.pk)
    deadlines.start(case, decision, "decision.due", key="", holder=holder, at=at, due_at=due_at)
    lifecycle.record(
        case, "consultation.decided", actor=actor, at=at, subject=decision,
        data={"unit": unit.name, "task": task, "due_at": due_at.isoformat()},
    )  # fmt: skip
    message = outbox.Message(
        kind="consultation.decided", title=f"会商任务：{case.case_no}，请按期完成",
        link=f"/consultations/{entry.consultation_id}/", unit_id=unit.pk,
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
    if not text.strip():
        raise Invalid("请填写完成情况。", fields={"text": ["请写明做了什么、结果如何。"]})
    row.done_at, row.done_text = at, text
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
    row = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    _open(row)
    if not minutes.strip():
        raise Invalid("请填写会商纪要。", fields={"minutes": ["请写明会商意见。"]})
    row.attendees, row.minutes, row.closed_at = attendees, minutes, at
    row.save()
    for entry in row.agenda.select_related("case").order_by("case_id"):
        case = cases.lock(entry.case_id)
        lifecycle.record(
            case, "consultation.held", actor=actor, at=at, subject=row, data={"number": row.number}
        )
    return row


def _open(consultation: Consultation) -> None:
    if consultation.closed_at is not None:
        raise Conflict("该会商已结束，不能再修改。")
