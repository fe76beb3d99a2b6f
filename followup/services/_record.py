"""What a follow-up found: answers of both sides, sides that were not reached, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.text import need_text
from followup.models import FollowUp, FollowUpAnswer, FollowUpStatus, FollowUpTry, Mode, Side
from followup.plans import next_try_on, plans
from followup.services._closing import close_if_done
from followup.services._plan import waive_open

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
    """One side's answers. `agreement_performed` is None where there is no agreement to perform.

    A side that declined has answered at least the question of risk: `escalation`.
    """

    side: str
    mode: str
    result_kept: bool | None = None
    knot: bool | None = None
    new_dispute: bool | None = None
    agreement_performed: bool | None = None
    escalation: bool = False
    declined: bool = False
    satisfaction: str = ""
    text: str = ""

    @property
    def is_relapse(self) -> bool:
        """The dispute is back: the settlement is taken back."""
        broken = self.agreement_performed is False
        return self.result_kept is False or bool(self.new_dispute) or self.escalation or broken

    @property
    def is_bad(self) -> bool:
        """Worth a new assessment: a relapse, or a knot that is not untied (有心结未解)."""
        return self.is_relapse or bool(self.knot)

    @property
    def is_whole(self) -> bool:
        """Nothing was left unasked."""
        return self.declined or None not in (self.result_kept, self.knot, self.new_dispute)


@transaction.atomic
def record_result(
    follow_up: FollowUp,
    *,
    answers: Sequence[Answers],
    text: str,
    actor: PostActor,
    at: datetime,
    unreached: Sequence[str] = (),
) -> FollowUp:
    """One or both sides were asked; `unreached` sides (未接通) count as a try of that day.

    The follow-up is done once both sides have answered or declined. A relapse told by either side reopens
    the case at once, a knot re-assesses it, the last follow-up closes it. Raises Invalid with the fields
    to mend, Conflict for a follow-up that is over or a side that was asked before.
    """
    policy.require(actor, "follow_up.record", at=at)
    case = cases.lock(follow_up.case_id)
    follow_up = lock_open(follow_up, F.DONE)
    known = set(FollowUpAnswer.objects.filter(follow_up=follow_up).values_list("side", flat=True))
    _check(follow_up, answers, unreached, known)
    _count_tries(case, follow_up, unreached, text=text, actor=actor, at=at)
    FollowUpAnswer.objects.bulk_create(
        FollowUpAnswer(follow_up=follow_up, answered_at=at, asked_by=actor.post, **asdict(one))
        for one in answers
    )
    follow_up.is_bad = follow_up.is_bad or any(one.is_bad for one in answers)
    follow_up.text = text or follow_up.text
    if known | {one.side for one in answers} == set(Side.values):
        _finish(case, follow_up, actor=actor, at=at)
    elif answers:
        said = {"number": follow_up.number, "side": answers[0].side}
        lifecycle.record(case, "follow_up.answered", actor=actor, at=at, subject=follow_up, data=said)
    follow_up.save()
    _draw_consequences(case, follow_up, answers, actor=actor, at=at)
    follow_up.refresh_from_db()
    return follow_up


def lock_open(follow_up: FollowUp, to: str) -> FollowUp:
    """The follow-up, locked after its case; Conflict when it may not become `to` any more."""
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up.pk)
    TRANSITIONS.check(follow_up.status, to, noun="回访", name_of=lambda code: F(code).label)
    return follow_up


def _check(
    follow_up: FollowUp, answers: Sequence[Answers], unreached: Sequence[str], known: set[str]
) -> None:
    told = [*(one.side for one in answers), *unreached]
    if not told:
        raise Invalid("请至少填写一方当事人的回访情况。", fields={"side": ["请填写至少一方。"]})
    if len(told) != len(set(told)) or not set(told) <= set(Side.values):
        raise Invalid("每一方只填写一次。", fields={"side": ["应为 reporter 或 other，且不重复。"]})
    if known & set(told):
        raise Conflict("该方当事人本次已回访，请刷新后查看。", code="side_answered")
    if not all(one.is_whole for one in answers):
        wanted = {"result_kept": ["请问清结果是否保持、有无心结、有无新矛盾。"]}
        raise Invalid("请将四个问题问全；当事人不愿回访的请选“不愿回访”。", fields=wanted)
    if follow_up.is_sensitive and any(one.satisfaction for one in answers):
        raise Invalid("此类案件不作满意度询问。", fields={"satisfaction": ["请留空。"]})
    if follow_up.is_sensitive and any(one.mode == Mode.MESSAGE for one in answers):
        raise Invalid("此类案件不得以短信回访。", fields={"mode": ["请按安全联系方式电话或上门。"]})


def _count_tries(
    case: Case, follow_up: FollowUp, sides: Sequence[str], *, text: str, actor: PostActor, at: datetime
) -> None:
    """未接通: counted once a day and side; after three days the call becomes a visit (handbook 10)."""
    if not sides:
        return
    FollowUpTry.objects.bulk_create(
        FollowUpTry(follow_up=follow_up, side=side, tried_at=at, tried_by=actor.post, text=text[:200])
        for side in sides
    )
    days: dict[str, set[object]] = {}
    for one in follow_up.failed_tries.all():
        days.setdefault(one.side, set()).add(time.beijing_date(one.tried_at))
    follow_up.tries = max(map(len, days.values()))
    follow_up.next_try_on = next_try_on(at)
    if follow_up.tries >= plans()["tries_before_visit"]:
        follow_up.mode = Mode.VISIT
    said = {"number": follow_up.number, "sides": list(sides), "tries": follow_up.tries}
    lifecycle.record(case, "follow_up.unreached", actor=actor, at=at, subject=follow_up, data=said)


def _finish(case: Case, follow_up: FollowUp, *, actor: PostActor, at: datetime) -> None:
    follow_up.status, follow_up.done_at, follow_up.done_by = F.DONE, at, actor.post
    follow_up.next_try_on = None
    deadlines.meet(follow_up, "follow_up.visit", at=at)
    said = {"number": follow_up.number, "bad": follow_up.is_bad, "text": follow_up.text}
    lifecycle.record(case, "follow_up.done", actor=actor, at=at, subject=follow_up, data=said)


def _draw_consequences(
    case: Case, follow_up: FollowUp, answers: Sequence[Answers], *, actor: PostActor, at: datetime
) -> None:
    """Once for each report: what the first side told at its turn is not told again with the second's."""
    relapse = any(one.is_relapse for one in answers)
    if any(one.is_bad for one in answers):
        danger = any(one.escalation for one in answers)
        said = {"relapse": relapse, "danger": danger, "text": _words(follow_up, answers)}
        event = lifecycle.record(
            case, "follow_up.answered_badly", actor=actor, at=at, subject=follow_up, data=said
        )
        if relapse and case.status == Status.SETTLED:
            waive_open(case, reason="回访发现反复，案件重新跟踪", actor=actor, at=at, cause=event)
            case.refresh_from_db()
            cases.reopen(case, actor=actor, at=at, why="回访发现反复", cause=event)
            return
    close_if_done(case, at=at)


def _words(follow_up: FollowUp, answers: Sequence[Answers]) -> str:
    """What was said, for triage to read."""
    return "\n".join(dict.fromkeys(filter(None, (follow_up.text, *(one.text for one in answers)))))


def record_failed_try(
    follow_up: FollowUp, *, side: str, text: str, actor: PostActor, at: datetime
) -> FollowUp:
    """未接通 for one side; the next day is proposed, the third day makes it a visit."""
    return record_result(follow_up, answers=(), unreached=(side,), text=text, actor=actor, at=at)


@transaction.atomic
def waive(follow_up: FollowUp, *, reason: str, actor: PostActor, at: datetime) -> FollowUp:
    """A chief ends one follow-up with a reason; the plan may close by it."""
    by_duty = policy.require(actor, "follow_up.waive", at=at)
    case = cases.lock(follow_up.case_id)
    follow_up = lock_open(follow_up, F.WAIVED)
    need_text(reason, "请填写免除回访的理由。", field="reason", hint="请写明为何不再回访。")
    follow_up.status, follow_up.waived_reason = F.WAIVED, reason
    follow_up.save(update_fields=["status", "waived_reason"])
    deadlines.end(follow_up, at=at)
    said = {"reason": reason, "by_duty": by_duty}
    lifecycle.record(case, "follow_up.waived", actor=actor, at=at, subject=follow_up, data=said)
    close_if_done(case, at=at)
    return follow_up
