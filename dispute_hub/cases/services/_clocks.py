"""What people may do to a running clock: pause it, let it run on, ask for a later date, decide on that."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import calendar, clock_moves, clock_table, lifecycle
from dispute_hub.cases.models import Case, ClockExtension, ClockPause, Deadline
from dispute_hub.cases.services._extension_rules import check_asked, check_decided
from dispute_hub.cases.services._opening import lock
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox

# An order's result is extended on the order itself, between its two sides, by the same rules.
EXTENDED_ELSEWHERE = ("order.result",)


@transaction.atomic
def pause_clock(deadline: Deadline, *, reason: str, actor: PostActor, at: datetime) -> ClockPause:
    """Stop an office clock for a reason the parties could be told. Safety clocks never sleep.

    Raises Conflict when the clock no longer runs or stands still already.
    """
    by_duty = policy.require(actor, "clock.pause", at=at)
    case, row = _lock_running(deadline)
    _refuse_safety(row, "暂停")
    if row.paused_at is not None:
        raise Conflict("该时限已在暂停中。", code="already_paused")
    need_text(reason, "请填写暂停理由。", field="reason")
    made = ClockPause.objects.create(deadline=row, reason=reason, paused_at=at, paused_by=actor.post)
    clock_moves.pause(row, at=at)
    _trace(case, row, "deadline.paused", actor, at, text=reason, by_duty=by_duty)
    return made


@transaction.atomic
def resume_clock(deadline: Deadline, *, actor: PostActor, at: datetime) -> Deadline:
    """Let a paused clock run on with what was left. Never ends earlier than before the pause."""
    by_duty = policy.require(actor, "clock.pause", at=at)
    case, row = _lock_running(deadline)
    was = row.due_at
    closed = ClockPause.objects.filter(deadline=row, resumed_at__isnull=True)
    if closed.filter(standstill__isnull=False).exists():
        raise Conflict("案件正在应急处置，时限在解除后自动恢复。", code="stopped_with_case")
    if not closed.update(resumed_at=at, resumed_by=actor.post):
        raise Conflict("该时限没有在暂停。", code="not_paused")
    clock_moves.resume(row, at=at)
    _trace(case, row, "deadline.resumed", actor, at, was_due_at=was.isoformat(), by_duty=by_duty)
    return row


@transaction.atomic
def ask_clock_extension(
    deadline: Deadline, *, until_on: date, reason: str, actor: PostActor, at: datetime
) -> ClockExtension:
    """Ask for a later last day; until somebody else approves, the clock runs on as it was.

    Only who must meet the clock may ask; at most two approved extensions.
    """
    policy.require(actor, "clock.extend", at=at)
    case, row = _lock_running(deadline)
    _refuse_safety(row, "延期")
    if row.kind in EXTENDED_ELSEWHERE:
        raise Conflict("交办单的延期请在交办单页面申请。", code="extended_elsewhere")
    if not is_held_by(row, actor):
        raise NoRight("只有负责办理该时限的岗位可以申请延期。", code="not_holder")
    until_at = calendar.last_day_end(until_on)
    check_asked(
        row.extensions.all(), noun="时限", until_at=until_at, due_at=row.due_at, reason=reason, at=at,
        field="until_on",
    )  # fmt: skip
    made = ClockExtension.objects.create(
        deadline=row, until_at=until_at, reason=reason, proposer=actor.post, proposer_user=actor.user,
        proposed_at=at,
    )  # fmt: skip
    _trace(case, row, "deadline.extension_asked", actor, at, until=until_at.isoformat(), text=reason)
    _tell_approver(case, row, at)
    return made


@transaction.atomic
def decide_clock_extension(
    extension: ClockExtension, *, approved: bool, text: str, actor: PostActor, at: datetime
) -> ClockExtension:
    """A second person approves or refuses; approval moves the clock and its ladder."""
    by_duty = policy.require(actor, "clock.approve_extension", at=at)
    case, row = _lock_running(extension.deadline)
    extension = ClockExtension.objects.select_for_update().get(pk=extension.pk)
    check_decided(
        extension.approved, proposer_user_id=extension.proposer_user_id, approved=approved, text=text,
        actor=actor,
    )  # fmt: skip
    extension.approved, extension.answer, extension.decided_at = approved, text, at
    extension.approver, extension.approver_user = actor.post, actor.user
    extension.save()
    was = row.due_at
    if approved:
        row.is_agreed = True
        clock_moves.move(row, max(extension.until_at, row.due_at), at=at)
    kind = "deadline.extended" if approved else "deadline.extension_refused"
    said = {"until": extension.until_at.isoformat(), "was_due_at": was.isoformat(), "text": text}
    _trace(case, row, kind, actor, at, by_duty=by_duty, **said)
    outbox.notify(
        outbox.Message(
            kind=kind,
            title=f"{'已' if approved else '未'}同意延期：{clock_table.name_of(row.kind)} {case.case_no}",
            link=row.why_url,
            urgency="important",
            post_id=extension.proposer_id,
        ),
        at=at,
        case_id=case.pk,
    )
    return extension


def _lock_running(deadline: Deadline) -> tuple[Case, Deadline]:
    case = lock(deadline.case_id)
    row = Deadline.objects.select_for_update().get(pk=deadline.pk)
    if row.state != Deadline.State.OPEN:
        raise Conflict("该时限已结束，无需再办。", code="clock_ended")
    return case, row


def _refuse_safety(row: Deadline, act: str) -> None:
    if row.is_safety:
        raise Conflict(f"安全时限昼夜连续计算，不能{act}。", code="safety_clock")


def is_held_by(row: Deadline, actor: PostActor) -> bool:
    """Whether this post must meet the clock."""
    if row.holder_post_id is not None:
        return row.holder_post_id == actor.post.pk
    return row.holder_unit_id == actor.post.unit_id and row.holder_role in ("", actor.role)


def _trace(case: Case, row: Deadline, kind: str, actor: PostActor, at: datetime, **said: Any) -> None:
    data = {"clock": row.kind, "due_at": row.due_at.isoformat(), **said}
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data=data)


def _tell_approver(case: Case, row: Deadline, at: datetime) -> None:
    unit_id = case.station_id or case.bureau_id
    if unit_id is None:
        return
    message = outbox.Message(
        kind="deadline.extension_asked",
        title=f"申请延期，待审批：{clock_table.name_of(row.kind)} {case.case_no}",
        link=row.why_url,
        urgency="important",
        unit_id=unit_id,
        role="station_chief" if case.station_id else "bureau",
    )
    outbox.notify(message, at=at, case_id=case.pk)
