"""A case is contacted, settled, confirmed as no dispute, closed or merged."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, SettleHow, Status
from dispute_hub.cases.services._opening import lock, lock_version
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox

# A person's word that red or orange is over is checked by a second one (handbook 4).
GRAVE = ("red", "orange")
FAMILY_VIOLENCE = "P0401"
# A case that is joint or verifying is settled through its order, so that both parties are asked.
SETTLED_FROM: Final = (Status.SCENE, Status.TRACKING, Status.REVIEW)
PLAIN_MEDIATION = (SettleHow.AGREEMENT, SettleHow.ORAL_AGREEMENT, SettleHow.ON_SCENE, SettleHow.WAIVED)


@transaction.atomic
def record_contact(case: Case, *, mode: str, text: str, actor: PostActor, at: datetime) -> CaseEvent:
    """A call or visit to a party (电话/走访); the stages stop the contact clocks it answers."""
    policy.require(actor, "case.contact", at=at)
    case = lock(case.pk)
    need_text(text, "请填写联系情况。", hint="请填写联系了谁、说了什么、下一步怎么办。")
    return lifecycle.record(case, "case.contacted", actor=actor, at=at, data={"mode": mode, "text": text})


@transaction.atomic
def settle(
    case: Case,
    *,
    how: str,
    text: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    data: dict[str, Any] | None = None,
) -> CaseEvent:
    """The dispute has ended in way `how` (SettleHow); follow-up is planned by what follows.

    Family violence cannot end as plain mediation: a decision must be recorded first [law; handbook 4].
    """
    policy.require(actor, "case.settle", at=at)
    case = lock_version(case.pk, version)
    if case.status in (Status.JOINT, Status.VERIFYING):
        raise Conflict("案件已交办，请在交办单核查双方当事人后办结。", code="settled_by_order")
    check_settlement(case, how=how, text=text)
    return mark_settled(case, how=how, text=text, actor=actor, at=at, data=data)


def check_settlement(case: Case, *, how: str, text: str) -> None:
    """Raise Invalid unless this case may end this way."""
    if how not in SettleHow.values:
        raise Invalid("请选择化解方式。", fields={"how": ["请从列表中选择一种化解方式。"]})
    need_text(text, "请填写化解情况。", hint="请写明原因、经过和结果。")
    decided = CaseEvent.objects.filter(case=case, kind="case_file.decided").exists()
    if case.item_code == FAMILY_VIOLENCE and how in PLAIN_MEDIATION and not decided:
        raise Invalid(
            "家庭暴力警情不能仅以调解结案，请先录入处理决定（治安处罚、告诫书、批评教育或刑事）。",
            code="family_violence_needs_decision",
            fields={"how": ["请先录入处理决定。"]},
        )


def mark_settled(
    case: Case, *, how: str, text: str, actor: Actor, at: datetime, data: dict[str, Any] | None = None
) -> CaseEvent:
    """Move a locked case to settled; for services of the stages that have checked their own right."""
    said = {**(data or {}), "how": how, "text": text}
    return lifecycle.move(case, Status.SETTLED, actor=actor, at=at, data=said, settled_at=at, settle_how=how)


@transaction.atomic
def confirm_no_dispute(
    case: Case, *, as_status: str, text: str, actor: PostActor, at: datetime, version: int | None = None
) -> CaseEvent:
    """The command room confirms 非纠纷, or 无效 after a call-back; `text` says what was checked."""
    policy.require(actor, "case.confirm_not_dispute", at=at)
    case = lock_version(case.pk, version)
    if as_status not in (Status.NOT_DISPUTE, Status.VOID):
        raise Invalid("请选择确认为“非纠纷”或“无效”。", fields={"as": ["只能是非纠纷或无效。"]})
    need_text(text, "请填写核实情况。", hint="确认无效前须回拨核实，请写明回拨结果。")
    return lifecycle.move(case, as_status, actor=actor, at=at, data={"text": text})


def close(case: Case, *, actor: Actor, at: datetime) -> bool:
    """All follow-up is done or waived: close a locked case, or ask the chief first if it was grave."""
    if case.colour not in GRAVE:
        lifecycle.move(case, Status.CLOSED, actor=actor, at=at, closed_at=at)
        return True
    if case.close_proposed_at is None:
        case.close_proposed_at = at
        case.save(update_fields=["close_proposed_at"])
        lifecycle.record(case, "case.close_proposed", actor=actor, at=at)
        holder = deadlines.Holder(unit_id=case.station_id, role="station_chief")
        deadlines.start(case, case, "close.approve", key="", holder=holder, at=at)
        _ask_chief(case, at=at)
    return False


def _ask_chief(case: Case, *, at: datetime) -> None:
    if case.station_id is None:
        return
    message = outbox.Message(
        kind="case.close_proposed",
        title=f"红橙案件待批准办结：{case.case_no}",
        link=f"/cases/{case.case_no}/",
        unit_id=case.station_id,
        role="station_chief",
    )
    outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def approve_close(case: Case, *, actor: PostActor, at: datetime, version: int | None = None) -> CaseEvent:
    """A chief approves that a red or orange case is closed; never the person who settled it.

    That is who proposed the end where a leader had to agree to it (`settled_by`).
    """
    by_duty = policy.require(actor, "case.approve_close", at=at)
    case = lock_version(case.pk, version)
    if case.close_proposed_at is None:
        raise Conflict("该案件的回访尚未完成，还不能办结。")
    settled = CaseEvent.objects.filter(case=case, kind="case.settled").order_by("-id").first()
    settler = settled.data.get("settled_by", settled.actor_user_id) if settled else None
    if settler == actor.user.pk:
        raise NoRight("不能批准办结自己化解或自己提请办结的红橙案件，请由其他所领导批准。")
    policy.leave_to_station(by_duty, actor, case.station, besides_user_id=settler, at=at)
    deadlines.meet(case, "close.approve", at=at)
    return lifecycle.move(case, Status.CLOSED, actor=actor, at=at, closed_at=at, data={"by_duty": by_duty})


@transaction.atomic
def absorb(case: Case, *, into: Case, reason: str, actor: PostActor, at: datetime) -> CaseEvent:
    """并入: the case goes on as part of another one; every alert stays counted, and it can be undone."""
    policy.require(actor, "alert.attach", at=at)
    locked = {row.pk: row for row in (lock(pk) for pk in sorted({case.pk, into.pk}))}
    case, into = locked[case.pk], locked[into.pk]
    if into.status in (Status.ABSORBED, Status.VOID) or case.pk == into.pk:
        raise Conflict("不能并入该案件，请选择仍在办理或已办结的案件。")
    deadlines.end(case, at=at, kinds=["close.approve"])
    lifecycle.record(into, "case.absorbed_other", actor=actor, at=at, subject=case, data={"reason": reason})
    return lifecycle.move(
        case,
        Status.ABSORBED,
        actor=actor,
        at=at,
        data={"into": into.case_no, "reason": reason},
        absorbed_into=into,
        former_status=case.status,
    )


@transaction.atomic
def split_off(case: Case, *, reason: str, actor: PostActor, at: datetime) -> CaseEvent:
    """Undo 并入: the case returns to its former status."""
    policy.require(actor, "alert.attach", at=at)
    case = lock(case.pk)
    if case.status != Status.ABSORBED:
        raise Conflict("该案件未被并入，无需拆分。")
    return lifecycle.move(
        case, case.former_status, actor=actor, at=at, data={"entry": "split_off", "reason": reason},
        absorbed_into=None, former_status="",
    )  # fmt: skip
