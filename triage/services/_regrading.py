"""A person sets a colour or level: raising stands at once, lowering waits for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import GRAVITY, Case, Colour, Level
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from triage.models import LOWERING, RAISING, Regrade
from triage.selectors._regrades import engine_view
from triage.services._levels import LEVEL_WEIGHT, at_least, report_high

Kind, Status = Regrade.Kind, Regrade.Status
TRANSITIONS: Final = Transitions({Status.PROPOSED: {Status.APPROVED, Status.REJECTED}})

WEIGHTS: Final[dict[str, dict[str, int]]] = {
    Kind.COLOUR: {str(code): weight for code, weight in GRAVITY.items()},
    Kind.LEVEL: LEVEL_WEIGHT,
}
LOWER_ACT: Final = {Kind.COLOUR: "colour.propose_lower", Kind.LEVEL: "level.propose"}
RAISE_ACT: Final = {Kind.COLOUR: "colour.raise", Kind.LEVEL: "level.propose"}


@dataclass(frozen=True, slots=True)
class Why:
    """What a person gives as his reason: his words, and the entry of the list they fall under."""

    text: str
    code: str


@transaction.atomic
def regrade(
    case: Case,
    *,
    kind: str,
    to: str,
    reason: str,
    actor: PostActor,
    at: datetime,
    version: int | None = None,
    reason_code: str = "",
) -> Regrade:
    """Set colour or level: raise it at once, or propose to lower it (`status` of the answer tells which).

    `reason_code` is one of RegradeReason for this direction, "" where a machine sends the words alone.
    The engine's view of this moment is stored beside it.
    """
    case = cases.lock_version(case.pk, version)
    _check(case, kind, to, reason)
    lowers = WEIGHTS[kind][to] < WEIGHTS[kind][_value(case, kind)]
    _check_reason_code(reason_code, lowers=lowers)
    why = Why(reason.strip(), reason_code)
    act = _propose if lowers else _raise
    return act(case, kind, to, why, actor, at)


def raise_colour(
    case: Case, *, colour: str, reason: str, actor: PostActor, at: datetime, version: int | None = None
) -> Regrade:
    """Raise the colour at once, with a reason; holder and chief are told by what follows the event."""
    if GRAVITY.get(colour, 0) <= GRAVITY[case.colour]:
        raise Conflict("预警色只能由此升高；如需降低，请提交降级申请。")
    return regrade(case, kind=Kind.COLOUR, to=colour, reason=reason, actor=actor, at=at, version=version)


def propose_regrade(
    case: Case, *, kind: str, to: str, reason: str, actor: PostActor, at: datetime, version: int | None = None
) -> Regrade:
    """Ask for a lower colour or level; a chief decides (clock regrade.approve)."""
    if WEIGHTS[kind].get(to, 0) >= WEIGHTS[kind][_value(case, kind)]:
        raise Conflict("该申请只用于降低预警色或风险等级；升高可直接办理。")
    return regrade(case, kind=kind, to=to, reason=reason, actor=actor, at=at, version=version)


def _value(case: Case, kind: str) -> str:
    return case.colour if kind == Kind.COLOUR else case.level


def _check(case: Case, kind: str, to: str, reason: str) -> None:
    """Raise unless this value may be asked for now."""
    field = str(kind)
    if to not in (Colour.values if kind == Kind.COLOUR else Level.values):
        raise Invalid("请选择有效的选项。", fields={field: ["请从列表中选择一项。"]})
    need_text(reason, "请填写理由。", field="reason", hint="请写明依据的现场情况或核实结果。")
    if to == _value(case, kind):
        raise Conflict(f"当前已是该{Kind(kind).label}，无需调整。", code="unchanged")
    if case.status in ("absorbed", "void"):
        raise Conflict("该案件已并入或无效，不能调整。")


def _check_reason_code(code: str, *, lowers: bool) -> None:
    if code and code not in (LOWERING if lowers else RAISING):
        said = "降低" if lowers else "升高"
        raise Invalid(
            f"理由与{said}不符，请重新选择。", fields={"reason_code": [f"请选择一项{said}的理由。"]}
        )


def _raise(case: Case, kind: str, to: str, why: Why, actor: PostActor, at: datetime) -> Regrade:
    policy.require(actor, RAISE_ACT[Kind(kind)], at=at)
    overtake(case, kind, actor=actor, at=at)
    made = _create(case, kind, to, why, actor, at, is_lowering=False, status=Status.APPROVED, decided_at=at)
    _set(case, made, at=at)
    data = {"from": made.from_value, "to": to, "reason": why.text}
    event = "case.colour_raised" if kind == Kind.COLOUR else "case.level_raised"
    lifecycle.record(case, event, actor=actor, at=at, subject=made, data=data)
    return made


def _propose(case: Case, kind: str, to: str, why: Why, actor: PostActor, at: datetime) -> Regrade:
    policy.require(actor, LOWER_ACT[Kind(kind)], at=at)
    if Regrade.objects.filter(case=case, kind=kind, status=Status.PROPOSED).exists():
        raise Conflict("已有一份降级申请待审批，请等待审批结果。", code="already_proposed")
    made = _create(case, kind, to, why, actor, at, is_lowering=True, status=Status.PROPOSED)
    data = {"kind": str(kind), "from": made.from_value, "to": to, "reason": why.text}
    lifecycle.record(case, "regrade.proposed", actor=actor, at=at, subject=made, data=data)
    holder = deadlines.Holder(unit_id=case.station_id or case.bureau_id, role="station_chief")
    deadlines.start(case, made, "regrade.approve", key="", holder=holder, at=at)
    title = f"{made.get_kind_display()}降级待审批：{case.case_no}"
    _tell(case, title, at=at, link="/approvals/", unit_id=case.station_id, role="station_chief")
    return made


def _create(
    case: Case, kind: str, to: str, why: Why, actor: PostActor, at: datetime, **columns: Any
) -> Regrade:
    view = engine_view(case)
    return Regrade.objects.create(
        case=case, kind=kind, from_value=_value(case, kind), to_value=to, reason=why.text,
        reason_code=why.code, engine_colour=view.colour, engine_item=view.item_code,
        rule_version=view.rule_version, rule_digest=view.rule_digest,
        proposer=actor.user, proposer_post=actor.post, proposed_at=at, **columns,
    )  # fmt: skip


def _set(case: Case, made: Regrade, *, at: datetime) -> None:
    """Write an effective regrade onto its locked case."""
    was_high = case.level == Level.HIGH
    if made.kind == Kind.COLOUR:
        case.colour = made.to_value
        verb = "降低" if made.is_lowering else "升高"
        case.colour_sentence = f"{made.to_name}：人工{verb}（原{case.colour_sentence or '未定'}）"[:120]
        case.level = case.level if made.is_lowering else at_least(case.level, made.to_value)
    else:
        case.level = made.to_value
    case.version += 1
    case.updated_at = at
    case.save(update_fields=["colour", "colour_sentence", "level", "version", "updated_at"])
    if case.level == Level.HIGH and not was_high:
        report_high(case, at=at)


@transaction.atomic
def decide_regrade(regrade_id: int, *, approve: bool, text: str, actor: PostActor, at: datetime) -> Regrade:
    """A chief grants or refuses a lowering; never the person who asked for it (also a constraint)."""
    by_duty = policy.require(actor, "grade.approve", at=at)
    case = cases.lock(Regrade.objects.values_list("case_id", flat=True).get(pk=regrade_id))
    made = Regrade.objects.select_for_update(of=("self",)).get(pk=regrade_id)
    to = Status.APPROVED if approve else Status.REJECTED
    TRANSITIONS.check(made.status, to, noun="降级申请", name_of=lambda code: str(Status(code).label))
    if made.proposer_id == actor.user.pk:
        raise NoRight("不能审批自己提出的申请，请由其他所领导审批。", code="own_proposal")
    policy.leave_to_station(by_duty, actor, case.station, besides_user_id=made.proposer_id, at=at)
    if not approve:
        need_text(text, "请填写不同意的理由。", hint="请写明理由，便于申请人补充核实。")
    _close(
        made,
        to,
        at=at,
        approver=actor.user,
        approver_post=actor.post,
        by_duty=by_duty,
        decision_text=text.strip(),
    )
    if approve:
        _set(case, made, at=at)
    _trace_decision(case, made, approve, actor=actor, at=at)
    return made


def _trace_decision(case: Case, made: Regrade, approve: bool, *, actor: PostActor, at: datetime) -> None:
    data: dict[str, Any] = {"from": made.from_value, "to": made.to_value, "reason": made.reason}
    data |= {"text": made.decision_text, "by_duty": made.by_duty}
    kind = f"case.{made.kind}_lowered" if approve else "regrade.rejected"
    lifecycle.record(case, kind, actor=actor, at=at, subject=made, data=data)
    title = f"{made.get_kind_display()}降级{'已同意' if approve else '未同意'}：{case.case_no}"
    _tell(case, title, at=at, link=f"/cases/{case.case_no}/", post_id=made.proposer_post_id)


def _close(made: Regrade, status: str, *, at: datetime, **columns: Any) -> None:
    made.status, made.decided_at = status, at
    for name, value in columns.items():
        setattr(made, name, value)
    made.save(update_fields=["status", "decided_at", *columns])
    deadlines.meet(made, "regrade.approve", at=at)


def overtake(case: Case, kind: str, *, actor: Actor, at: datetime) -> None:
    """The value has risen: a proposal to lower it was about another situation and ends, with a trace."""
    for made in Regrade.objects.filter(case=case, kind=kind, status=Status.PROPOSED):
        _close(made, Status.REJECTED, at=at, decision_text="情况已变化，申请自动失效，如仍需降级请重新申请。")
        lifecycle.record(case, "regrade.overtaken", actor=actor, at=at, subject=made)


def _tell(case: Case, title: str, *, at: datetime, link: str, **addressee: Any) -> None:
    message = outbox.Message(kind="regrade", title=title, link=link, urgency="important", **addressee)
    if message.post_id or message.unit_id:
        outbox.notify(message, at=at, case_id=case.pk)
