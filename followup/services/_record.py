"""What a follow-up found: answers of both sides, failed tries, waivers, and visits that were missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common import time
from dispute_hub.common.errors import Invalid
from followup.models import (
    OPEN_FOLLOW_UPS,
    FollowUp,
    FollowUpAnswer,
    FollowUpStatus,
    FollowUpTry,
    Mode,
    Side,
)
from followup.services._plan import plans, waive_open

F = FollowUpStatus
TRANSITIONS = Transitions(
    {
        F.PLANNED: {F.DUE, F.OVERDUE, F.DONE, F.WAIVED},
        F.DUE: {F.OVERDUE, F.DONE, F.WAIVED},
        F.OVERDUE: {F.DONE, F.WAIVED},
    }
)


@dataclass(frozen=True, slots=True)
class Answers:
    """One side's answers. `agreement_performed` is None where there is no agreement to perform."""

    side: str
    mode: str
    result_kept: bool
    knot: bool
    new_dispute: bool
    agreement_performed: bool | None = None
    escalation: bool = False
    declined: bool = False
    satisfaction: str = ""
    text: str = ""

    @property
    def is_relapse(self) -> bool:
        """The dispute is back: the settlement is taken back."""
        broken = self.agreement_performed is False
        return not self.result_kept or self.new_dispute or self.escalation or broken

    @property
    def is_bad(self) -> bool:
        """Worth a new assessment: a relapse, or a knot that is not untied (有心结未解)."""
        return self.is_relapse or self.knot


@transaction.atomic
def record_result(
    follow_up: FollowUp, *, answers: Sequence[Answers], text: str, actor: PostActor, at: datetime
) -> FollowUp:
    """Both sides were asked. A relapse reopens the case, a knot re-assesses it, the last one closes it.

    Raises Invalid unless both sides are answered (or declined, with the risk question answered).
    """
    policy.require(actor, "follow_up.record", at=at)
    case = cases.lock(follow_up.case_id)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    _check(follow_up, answers)
    TRANSITIONS.check(follow_up.status, F.DONE, noun="回访", name_of=lambda code: F(code).label)
    FollowUpAnswer.objects.bulk_create(
        FollowUpAnswer(follow_up=follow_up, answered_at=at, **asdict(one)) for one in answers
    )
    follow_up.status, follow_up.done_at, follow_up.done_by = F.DONE, at, actor.post
    follow_up.text, follow_up.is_bad = text, any(one.is_bad for one in answers)
    follow_up.save()
    deadlines.meet(follow_up, "follow_up.visit", at=at)
    lifecycle.record(
        case, "follow_up.done", actor=actor, at=at, subject=follow_up,
        data={"number": follow_up.number, "bad": follow_up.is_bad, "text": text},
    )  # fmt: skip
    _draw_consequences(case, follow_up, answers, actor=actor, at=at)
    return follow_up


def _check(follow_up: FollowUp, answers: Sequence[Answers]) -> None:
    if {one.side for one in answers} != set(Side.values):
        raise Invalid("双方当事人须分别回访。", fields={"side": ["请分别填写报警人一方和对方的回访情况。"]})
    if follow_up.is_sensitive and any(one.satisfaction for one in answers):
        raise Invalid("此类案件不作满意度询问。", fields={"satisfaction": ["请留空。"]})
    if follow_up.is_sensitive and any(one.mode == Mode.MESSAGE for one in answers):
        raise Invalid("此类案件不得以短信回访。", fields={"mode": ["请按安全联系方式电话或上门。"]})


def _draw_consequences(
    case: Case, follow_up: FollowUp, answers: Sequence[Answers], *, actor: PostActor, at: datetime
) -> None:
    if follow_up.is_bad:
        event = lifecycle.record(
            case, "follow_up.answered_badly", actor=actor, at=at, subject=follow_up,
            data={"relapse": any(one.is_relapse for one in answers)},
        )  # fmt: skip
        if any(one.is_relapse for one in answers) and case.status in (Status.SETTLED, Status.CLOSED):
            waive_open(case, reason="回访发现反复，案件重新跟踪", actor=actor, at=at, cause=event)
            case.refresh_from_db()
            cases.reopen(case, actor=actor, at=at, why="回访发现反复", cause=event)
            return
    close_if_done(case, at=at)


def close_if_done(case: Case, *, at: datetime) -> None:
    """Close a locked, settled case by itself once nothing of its follow-up is open."""
    still_open = FollowUp.objects.filter(case=case, status__in=OPEN_FOLLOW_UPS).exists()
    if case.status == Status.SETTLED and not still_open:
        cases.close(case, actor=SYSTEM, at=at)


@transaction.atomic
def record_failed_try(follow_up: FollowUp, *, text: str, actor: PostActor, at: datetime) -> FollowUp:
    """未接通: counted once a day; after three days the call becomes a visit."""
    policy.require(actor, "follow_up.record", at=at)
    cases.lock(follow_up.case_id)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if follow_up.status not in OPEN_FOLLOW_UPS:
        raise Invalid("该回访已完成，无需再记未接通。")
    FollowUpTry.objects.create(follow_up=follow_up, tried_at=at, tried_by=actor.post, text=text)
    days = {time.beijing_date(one.tried_at) for one in follow_up.failed_tries.all()}
    follow_up.tries = len(days)
    if follow_up.tries >= plans()["tries_before_visit"]:
        follow_up.mode = Mode.VISIT
    follow_up.save(update_fields=["tries", "mode"])
    return follow_up


@transaction.atomic
def waive(follow_up: FollowUp, *, reason: str, actor: PostActor, at: datetime) -> FollowUp:
    """A chief ends one follow-up with a reason; the plan may close by it."""
    policy.require(actor, "follow_up.waive", at=at)
    case = cases.lock(follow_up.case_id)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    if not reason.strip():
        raise Invalid("请填写免除回访的理由。", fields={"reason": ["请写明为何不再回访。"]})
    TRANSITIONS.check(follow_up.status, F.WAIVED, noun="回访", name_of=lambda code: F(code).label)
    follow_up.status, follow_up.waived_reason = F.WAIVED, reason
    follow_up.save(update_fields=["status", "waived_reason"])
    deadlines.end(follow_up, at=at)
    lifecycle.record(case, "follow_up.waived", actor=actor, at=at, subject=follow_up, data={"reason": reason})
    close_if_done(case, at=at)
    return follow_up


def mark_missed(*, at: datetime, limit: int = 200) -> int:
    """Follow-ups past their date become overdue and re-assess their case, each in its own transaction."""
    late = FollowUp.objects.filter(status__in=[F.PLANNED, F.DUE], due_at__lt=at).order_by("due_at", "id")
    return sum(_mark_missed(pk, at) for pk in list(late.values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _mark_missed(follow_up_id: int, at: datetime) -> int:
    case = cases.lock(FollowUp.objects.values_list("case_id", flat=True).get(pk=follow_up_id))
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up_id)
    if follow_up.status not in (F.PLANNED, F.DUE):
        return 0
    follow_up.status = F.OVERDUE
    follow_up.save(update_fields=["status"])
    lifecycle.record(
        case, "follow_up.missed", actor=SYSTEM, at=at, subject=follow_up, data={"number": follow_up.number}
    )
    return 1
