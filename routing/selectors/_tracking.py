"""跟踪化解台账: what a responsible officer (or his station) must see to, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import UNKNOWN, Case, CaseEvent, Deadline, Party, Status
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common import spans
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import beijing_date
from routing.models import Push
from routing.selectors import _counts as counts
from routing.selectors._push_page import leads_second, what_may
from routing.selectors._pushes import second_push_of, take_over_clock, takes_over

# Past any clock: cases without one come last, and keyset paging never meets NULL.
NEVER: Final = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
LEDGER: Final = (Status.TRACKING, Status.REVIEW, Status.JOINT, Status.VERIFYING)
VERIFY: Final = "verify"
GROUPS: Final = {**spans.TITLES, VERIFY: "待核查"}
NEXT_STEP: Final = {
    "push_second.sign": "签收二推",
    "push_second.contact": "联系双方",
    "push_second.take_over": "接手夜间代管案件",
    "third_push.prepare": "拟报三推",
    "order.verify": "核查双方",
    "follow_up.visit": "回访",
    "performance.due": "查履行",
}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One case of the ledger. `parties` are clear for who holds it, masked in station lists."""

    case: Case
    parties: str
    clock: Deadline | None
    next_step: str
    days_open: int


def ledger_cases(actor: PostActor, *, at: datetime) -> QuerySet[Case]:
    """Tracked cases of the post (its station's for leading posts), nearest clock first."""
    cases = visible_to(actor, at=at).filter(status__in=LEDGER)
    if actor.role in (Role.COMMUNITY_OFFICER, Role.OFFICER):
        cases = cases.filter(Q(holder_post=actor.post) | Q(pushes__tier=2, pushes__addressee_post=actor.post))
        cases = cases.filter(pk__in=cases.values("pk"))
    due = Coalesce(counts.earliest_due_at(), Value(NEVER, output_field=DateTimeField()))
    return (
        Case.objects.filter(pk__in=cases.values("pk"))
        .select_related("holder_post__user", "holder_unit", "station")
        .annotate(next_due_at=due)
    )


LEDGER_ORDER: Final = ("next_due_at", "id")


def ledger(cases: list[Case], actor: PostActor, *, at: datetime) -> list[spans.Group[LedgerRow]]:
    """One page of the ledger in its groups; two queries however many rows."""
    ids = [case.pk for case in cases]
    clocks = {
        clock.case_id: clock
        for clock in Deadline.objects.filter(case__in=ids, state=Deadline.State.OPEN)
        .order_by("case_id", "due_at", "id")
        .distinct("case_id")
    }
    held = {case.pk for case in cases if case.holder_post_id == actor.post.pk}
    people: dict[int, list[str]] = {}
    for party in Party.objects.filter(case__in=ids).exclude(role=Party.PartyRole.WITNESS).order_by("id"):
        people.setdefault(party.case_id, []).append(party.shown_name(clear=party.case_id in held))
    rows = []
    for case in cases:
        clock = clocks.get(case.pk)
        row = LedgerRow(
            case=case,
            parties="、".join(people.get(case.pk, [])[:3]) or UNKNOWN,
            clock=clock,
            next_step=_next_step(case, clock),
            days_open=max(0, (beijing_date(at) - beijing_date(case.opened_at)).days),
        )
        rows.append(row)
    return spans.grouped(rows, partial(_span, at=at), GROUPS)


def _span(row: LedgerRow, *, at: datetime) -> str:
    if row.case.status == Status.VERIFYING:
        return VERIFY
    return spans.span_of(row.clock.due_at, at=at) if row.clock else spans.LATER


def _next_step(case: Case, clock: Deadline | None) -> str:
    if case.status in (Status.REVIEW, Status.JOINT):
        return {"review": "等待审批", "joint": "等待办理反馈"}[case.status]
    if clock is None:
        return "继续跟踪"
    return NEXT_STEP.get(clock.kind) or clock_table.name_of(clock.kind)


SAID: Final = {
    "alert.received": "接报警情",
    "alert.repeated": "重复警情",
    "case.assessed": "自动研判",
    "case.colour_raised": "预警色升高",
    "push.issued": "推送下发",
    "push.signed": "签收",
    "push.arrived": "到达现场",
    "push.reported": "处警反馈",
    "push.assigned": "所领导分派",
    "push.assignment_undone": "撤销分派",
    "push.night_held": "夜间由值班警组代管",
    "push.taken_over": "责任民警接手",
    "third_push.asked": "所领导要求拟报三推",
    "push.entry_added": "再次进入二推",
    "case.contacted": "联系当事人",
    "case.tracking": "进入跟踪化解",
    "case.settled": "案件办结",
    "case_file.accepted": "受案(立案)",
    "case_file.decided": "作出处理决定",
    "order.sent": "交办下发",
    "order.returned": "交办退回",
    "session.held": "调解",
    "mediation.failed": "调解未成",
    "agreement.concluded": "达成协议",
    "consultation.requested": "提交会商",
    "assist.asked": "请求协助",
    "assist.signed": "协助派出所签收",
    "assist.answered": "协助派出所反馈",
    "assist.withdrawn": "撤回协助请求",
}


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event in a panel."""

    at: datetime
    who: str
    text: str
    detail: str


def last_events(case: Case, *, most: int = 8) -> list[EventLine]:
    """The newest events worth reading on one glance, newest first."""
    events = CaseEvent.objects.filter(case=case, kind__in=SAID).order_by("-id")[:most]
    return [
        EventLine(event.at, event.actor_label, SAID[event.kind], str(event.data.get("text") or ""))
        for event in events
    ]


def second_acts(actor: PostActor, case: Case, *, at: datetime) -> dict[str, Any]:
    """The open push 2 of a tracked case, and what this person may do about it; the services decide again."""
    push = second_push_of(case)
    ours = case.status == Status.TRACKING and case.station_id == actor.post.unit_id
    leads = policy.allows(actor.role, "case.assign") or (ours and people.leads_duty(actor.post, at))
    said: dict[str, Any] = {"second": push, "may_assign": ours and leads}
    if push is None:
        return said
    signs = policy.allows(actor.role, "push.sign")
    is_held = push.night_since_at is not None and push.taken_over_at is None
    may = what_may(actor, push, leads=leads_second(actor, [push], at=at))
    return said | {
        "may_sign": signs and may["may_sign"],
        "is_held": is_held,
        "take_over_clock": take_over_clock(push) if is_held else None,
        "may_take_over": is_held and signs and takes_over(push, actor.post, at=at),
    }


def held_push(case: Case) -> Push:
    """The push 2 the duty crew holds for the night; OutOfScope when there is none."""
    held = Push.objects.filter(case=case, tier=Push.Tier.SECOND, night_since_at__isnull=False)
    push = held.exclude(status=Push.Status.ENDED).first()
    if push is None:
        raise OutOfScope("该案件不在夜间代管中，无需接手。")
    return push
