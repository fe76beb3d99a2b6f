"""What becomes of an agreement: promises kept or broken, and the right to judicial confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import SYSTEM, Actor, PostActor
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Deadline, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.alone import each_alone
from dispute_hub.common.errors import Conflict, Invalid
from mediation.models import Agreement, AgreementStatus, Confirmation, ItemStatus, PerformanceItem
from mediation.services._agreements import CONFIRM
from mediation.services._sessions import GRANT
from mediation.services._watching import watched_until

ITEM_TRANSITIONS = Transitions(
    {
        ItemStatus.DUE: {ItemStatus.PERFORMED, ItemStatus.BREACHED},
        ItemStatus.BREACHED: {ItemStatus.PERFORMED},
    }
)
# The hourly sweep closes the clock in the last hours of the last day: not applying is the parties' right
# (人民调解法 33), so the clock must never reach its breach and climb to their superiors.
LAPSES_BEFORE = timedelta(hours=2)


@transaction.atomic
def record_performance(
    item: PerformanceItem, *, performed: bool, proof: str, actor: PostActor, at: datetime
) -> PerformanceItem:
    """One promise was kept (with its proof) or broken; a breach is assessed and followed by a visit."""
    policy.require(actor, "performance.record", at=at)
    case = cases.lock(item.agreement.case_id)
    row = PerformanceItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    to = ItemStatus.PERFORMED if performed else ItemStatus.BREACHED
    ITEM_TRANSITIONS.check(row.status, to, noun="履行项", name_of=lambda code: ItemStatus(code).label)
    if not proof.strip():
        hint = "请写明履行凭据，如收条、转账记录。" if performed else "请写明未履行的原因和已做的工作。"
        raise Invalid("履行情况不完整。", fields={"proof": [hint]})
    row.status, row.proof, row.performed_at = to, proof.strip(), at if performed else None
    row.save()
    said = {"number": row.agreement.number, "item": row.number}
    if performed:
        deadlines.meet(row, "performance.due", at=at)
        lifecycle.record(case, "performance.kept", actor=actor, at=at, subject=row, data=said)
    else:
        deadlines.end(row, at=at)
        lifecycle.record(case, "agreement.breached", actor=actor, at=at, subject=row, data=said)
    _update_agreement(case, row.agreement, actor=actor, at=at)
    return row


def _update_agreement(case: Case, agreement: Agreement, *, actor: Actor, at: datetime) -> None:
    statuses = set(agreement.items.values_list("status", flat=True))
    if ItemStatus.BREACHED in statuses:
        agreement.status = AgreementStatus.BREACHED
    elif statuses == {ItemStatus.PERFORMED}:
        agreement.status = AgreementStatus.PERFORMED
        lifecycle.record(case, "agreement.performed", actor=actor, at=at, subject=agreement)
    else:
        agreement.status = AgreementStatus.CONCLUDED
    agreement.save(update_fields=["status"])
    _end_sight(case, at)


def _end_sight(case: Case, at: datetime) -> None:
    """A closed case with nothing left to watch is out of the mediator's sight."""
    if case.status == Status.CLOSED:
        grants.end(case, GRANT, ends_at=max(at, watched_until(case) or at))


@transaction.atomic
def record_confirmation(
    agreement: Agreement, *, outcome: str, text: str, actor: PostActor, at: datetime
) -> Agreement:
    """The parties applied for judicial confirmation together, or will not: the reminder has its answer."""
    policy.require(actor, "performance.record", at=at)
    case = cases.lock(agreement.case_id)
    if outcome not in (Confirmation.APPLIED, Confirmation.DECLINED):
        raise Invalid("请选择司法确认情况。", fields={"outcome": ["请选择已共同申请或双方不申请。"]})
    return _confirm(case, agreement, outcome, text, actor, at)


def _confirm(
    case: Case, agreement: Agreement, outcome: str, text: str, actor: Actor, at: datetime
) -> Agreement:
    row = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if row.confirm_due_on is None:
        raise Conflict("该协议不适用人民调解协议司法确认。")
    if row.confirmation:
        raise Conflict(f"司法确认情况已登记为“{row.get_confirmation_display()}”。")
    row.confirmation, row.confirmation_text = outcome, text[:200]
    row.save(update_fields=["confirmation", "confirmation_text"])
    if outcome == Confirmation.APPLIED:
        deadlines.meet(row, CONFIRM, at=at)
    else:
        deadlines.end(row, at=at, kinds=[CONFIRM])
    lifecycle.record(
        case, f"agreement.confirm_{outcome}", actor=actor, at=at, subject=row, data={"number": row.number}
    )
    _end_sight(case, at)
    return row


def lapse_confirmations(*, at: datetime) -> int:
    """End the reminders whose last day is over, one case at a time; safe twice. Returns how many."""
    over = Deadline.objects.filter(
        kind=CONFIRM, state=Deadline.State.OPEN, due_at__lte=at + LAPSES_BEFORE
    ).order_by("case_id", "id")
    return each_alone(list(over.values_list("case_id", "subject_id")), partial(_lapse, at=at))


@transaction.atomic
def _lapse(found: tuple[int, int], *, at: datetime) -> bool:
    case_id, agreement_id = found
    case = cases.lock(case_id)
    agreement = Agreement.objects.get(case=case, pk=agreement_id)
    if agreement.confirmation:
        return False
    _confirm(case, agreement, Confirmation.LAPSED, "", SYSTEM, at)
    return True
