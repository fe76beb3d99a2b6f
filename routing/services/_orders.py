"""Third push, the station's side: proposed, recalled, ended with its case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.accounts.selectors import streets_of_station
from dispute_hub.cases import deadlines, grants, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.common.errors import Invalid
from dispute_hub.common.text import need_text
from routing.models import (
    AnalysisReport,
    Difficulty,
    Grade,
    OrderStatus,
    ThirdPushFiling,
    WorkOrder,
)
from routing.selectors._approvers import station_leaders, stays_away
from routing.selectors._brief import county_of, returned_of
from routing.services._filings import file, lawful_kind
from routing.services._jurisdiction import end_jurisdiction
from routing.services._order_deciding import rise
from routing.services._order_machine import GRANT, back_to_station, lock_order, step, tell, tell_leaders
from routing.services._recusals import end_recusals, refuse_recused
from routing.services._report_drafts import drop_drafts

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`
# Who an order may be sent to: the street centre, or the county centre above it.
ADDRESSEES: Final = (UnitKind.CENTRE, UnitKind.COUNTY_CENTRE)
SECTIONS: Final = {
    "facts": "基本事实",
    "causes": "原因分析",
    "risk": "风险研判",
    "work_done": "已做工作",
    "suggestions": "意见建议",
}
# These end the other side's sight of a case; a settled one stays in sight until it is closed.
ENDS_SIGHT: Final = ("case.closed", "case.void", "case.not_dispute", "case.absorbed")


@dataclass(frozen=True, slots=True)
class ReportText:
    """The sections of an analysis report; all five texts are required."""

    facts: str
    causes: str
    risk: str
    work_done: str
    suggestions: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThirdPushDraft:
    """What a station proposes; without an addressee it is the centre of the case's street.

    `kind`: 三推交办 or 抄告 where the officer chose; "" lets the procedure under way decide. While one runs
    the order is 抄告 unless both parties applied, which `applied_text` records. `seen`: hash of the packet
    the officer confirmed he had read.
    """

    grade: str
    difficulty: str
    report: ReportText
    addressee: Unit | None = None
    lead_unit: Unit | None = None
    assisting: tuple[Unit, ...] = ()
    demand: str = ""
    kind: str = ""
    both_applied: bool = False
    applied_text: str = ""
    seen: str = ""


@transaction.atomic
def propose_third_push(
    case: Case, draft: ThirdPushDraft, *, actor: PostActor, at: datetime, version: int | None = None
) -> WorkOrder:
    """提请三推: order and analysis report, to be approved by another person; the case goes to review."""
    policy.require(actor, "third_push.propose", at=at)
    case = cases.lock_version(case.pk, version)
    refuse_recused(case, actor)
    lifecycle.TRANSITIONS.check(
        case.status, Status.REVIEW, noun="案件", name_of=lambda code: Status(code).label
    )
    _check(case, draft)
    order = _create(case, draft, actor=actor, at=at)
    lifecycle.move(case, Status.REVIEW, actor=actor, at=at, subject=order)
    lifecycle.record(
        case, "order.proposed", actor=actor, at=at, subject=order,
        data={"no": order.no, "grade": order.grade, "addressee": order.addressee.name},
    )  # fmt: skip
    holder = deadlines.Holder(unit_id=case.station_id, role=Role.STATION_CHIEF)
    deadlines.start(case, order, "order.approve", key=order.grade, holder=holder, at=at)
    drop_drafts(case)
    _ask_leaders(case, order, at=at)
    return order


def _ask_leaders(case: Case, order: WorkOrder, *, at: datetime) -> None:
    """The station's leaders, the duty leader by name; without a second leader the bureau's (handbook 3)."""
    besides = [order.proposer_user_id, *stays_away(case.pk)]
    leaders = station_leaders(case, at=at, besides=besides)
    if not leaders:
        rise(case, order, why=ThirdPushFiling.Risen.NO_LEADER, at=at)
        return
    title = f"三推待审批（{order.get_grade_display()}）：{case.case_no}"
    tell_leaders(order, "order.proposed", title, leaders, at=at)


def _create(case: Case, draft: ThirdPushDraft, *, actor: PostActor, at: datetime) -> WorkOrder:
    order = WorkOrder.objects.create(
        no=numbers.issue("order", at), case=case, status=O.PROPOSED, grade=draft.grade,
        kind=lawful_kind(
            case, draft.kind, both_applied=draft.both_applied, applied_text=draft.applied_text
        ),
        difficulty=draft.difficulty, addressee=addressee_of(case, draft.addressee),
        lead_unit=draft.lead_unit, demand=draft.demand or draft.report.suggestions[:1000],
        proposed_at=at, proposed_by=actor.post, proposer_user=actor.user,
    )  # fmt: skip
    order.proposed_assisting.set(unit for unit in draft.assisting if unit != draft.lead_unit)
    AnalysisReport.objects.create(
        number=numbers.issue("report", at), order=order, author=actor.post, written_at=at,
        attachments=list(draft.report.attachments),
        **{name: getattr(draft.report, name) for name in SECTIONS},
    )  # fmt: skip
    file(
        order, case, both_applied=draft.both_applied, applied_text=draft.applied_text, seen=draft.seen,
        actor=actor, at=at,
    )  # fmt: skip
    return order


def _check(case: Case, draft: ThirdPushDraft) -> None:
    fields = {
        name: [f"请填写“{title}”。"]
        for name, title in SECTIONS.items()
        if not getattr(draft.report, name).strip()
    }
    if draft.grade not in Grade.values:
        fields["grade"] = ["请选择特急、紧急或平急。"]
    if draft.difficulty not in Difficulty.values:
        fields["difficulty"] = ["请选择简单、一般或疑难。"]
    wanted = draft.addressee
    if wanted is not None and (wanted.kind not in ADDRESSEES or wanted.bureau_id != case.bureau_id):
        fields["addressee"] = ["交办对象须为本县街道（乡镇）或县级综治中心。"]
    if fields:
        raise Invalid("提请材料还不完整，请补齐标出的部分。", fields=fields)


def addressee_of(case: Case, wanted: Unit | None) -> Unit:
    """The centre of the case's street; after two returns the county centre decides (handbook 7).

    Raises Invalid when the case is not placed in a street and nobody is named.
    """
    county = county_of(case, returned_of(case))
    if county is not None:
        return county
    streets = streets_of_station(case.station_id) if case.station_id else []
    addressee = wanted or case.street or next(iter(streets), None)
    if addressee is None:
        raise Invalid("请选择交办对象。", fields={"addressee": ["案件未定位到街道，请选择街道综治中心。"]})
    return addressee


@transaction.atomic
def recall_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """Take an order back while the other side has not accepted it."""
    policy.require(actor, "order.recall", at=at)
    case, row = lock_order(order, O.RECALLED)
    need_text(text, "请填写撤回原因。")
    step(row, O.RECALLED, ended_at=at, end_text=text)
    back_to_station(case, row, "recalled", text=text, actor=actor, at=at)
    tell(row, "order.recalled", f"交办单已由派出所撤回：{row.no}", at=at, unit=row.addressee)
    return row


def end_open_orders(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """What a case's end makes pointless: an undecided proposal and, once it is over, the centre's sight."""
    proposed = WorkOrder.objects.select_for_update(of=("self",)).filter(case=case, status=O.PROPOSED)
    for row in proposed.order_by("pk"):
        step(row, O.REJECTED, ended_at=at, end_text="案件状态已变化，提请自动终止")
        deadlines.end(row, at=at)
        lifecycle.record(
            case, "order.rejected", actor=actor, at=at, subject=row, cause=event,
            data={"no": row.no, "text": row.end_text},
        )  # fmt: skip
    drop_drafts(case)
    end_jurisdiction(case, at=at)
    if event.kind in ENDS_SIGHT:
        # Until then somebody still visits the parties, and must not be who is to keep away.
        end_recusals(case, at=at)
        grants.end(case, GRANT, ends_at=at)
