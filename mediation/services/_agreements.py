"""Agreements: concluded, performed item by item, or breached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import clock_table, deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Party, SettleHow, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid
from mediation.models import (
    Agreement,
    AgreementParty,
    AgreementStatus,
    ItemStatus,
    MediationSession,
    PerformanceItem,
)

ITEM_TRANSITIONS = Transitions(
    {
        ItemStatus.DUE: {ItemStatus.PERFORMED, ItemStatus.BREACHED},
        ItemStatus.BREACHED: {ItemStatus.PERFORMED},
    }
)
HOW = {Agreement.Form.WRITTEN: SettleHow.AGREEMENT, Agreement.Form.ORAL: SettleHow.ORAL_AGREEMENT}


@dataclass(frozen=True, slots=True)
class Promise:
    """One performance item: what, by when, and how much if it is money (yuan)."""

    what: str
    due_on: date
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """What the paper says about one party."""

    name: str
    party: Party | None = None
    sex: str = ""
    ethnicity: str = ""
    age: int | None = None
    occupation: str = ""
    phone: str = ""
    address: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """The agreement as written down; terms are numbered in their order."""

    form: str
    facts: str
    terms: tuple[str, ...]
    parties: tuple[PartyDetails, ...]
    promises: tuple[Promise, ...] = ()
    responsibility: str = ""
    performance_way: str = ""
    total_amount: Decimal | None = None
    copies: int = 3
    session: MediationSession | None = field(default=None)


@transaction.atomic
def conclude_agreement(
    case: Case, draft: AgreementDraft, *, actor: PostActor, at: datetime, version: int | None = None
) -> Agreement:
    """Store the agreement, start its clocks, and settle the case (or report the order settled).

    A case that is joint is settled through its order, so that the station verifies with both parties.
    """
    policy.require(actor, "agreement.conclude", at=at)
    case = cases.lock_version(case.pk, version)
    _check(case, draft)
    cases.check_settlement(case, how=HOW[Agreement.Form(draft.form)], text=draft.facts)
    agreement = _store(case, draft, actor, at)
    lifecycle.record(
        case, "agreement.concluded", actor=actor, at=at, subject=agreement,
        data={"number": agreement.number, "form": agreement.form},
    )  # fmt: skip
    if case.status in (Status.SCENE, Status.TRACKING):
        how = HOW[Agreement.Form(draft.form)]
        cases.mark_settled(
            case, how=how, text=draft.facts[:2000], actor=actor, at=at, data={"agreement": agreement.number}
        )
    _start_clocks(case, agreement, at)
    return agreement


def _check(case: Case, draft: AgreementDraft) -> None:
    fields: dict[str, list[str]] = {}
    if draft.form not in Agreement.Form.values:
        fields["form"] = ["请选择书面或口头协议。"]
    if not draft.facts.strip():
        fields["facts"] = ["请写明主要事实和争议事项。"]
    if not [term for term in draft.terms if term.strip()]:
        fields["terms"] = ["请至少写一条协议内容。"]
    if len(draft.parties) < 2:
        fields["parties"] = ["协议至少有两方当事人。"]
    promised = sum((one.amount or Decimal(0) for one in draft.promises), Decimal(0))
    if draft.total_amount is not None and draft.promises and promised != draft.total_amount:
        fields["promises"] = [f"分期合计 {promised} 元，与总额 {draft.total_amount} 元不一致。"]
    if fields:
        raise Invalid("协议内容不完整。", fields=fields)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能再订立协议。")


def _store(case: Case, draft: AgreementDraft, actor: PostActor, at: datetime) -> Agreement:
    limit = clock_table.limit_of("agreement.confirm", "")
    agreement = Agreement.objects.create(
        number=numbers.issue("agreement", at), case=case, session=draft.session, form=draft.form,
        facts=draft.facts, responsibility=draft.responsibility,
        terms=[term for term in draft.terms if term.strip()], performance_way=draft.performance_way,
        copies=draft.copies, total_amount=draft.total_amount, concluded_at=at, concluded_by=actor.post,
        confirm_due_on=time.beijing_date(clock_table.due_at(at, limit, safety=False) - timedelta(seconds=1)),
    )  # fmt: skip
    for one in draft.parties:
        AgreementParty.objects.create(
            agreement=agreement,
            **{name: getattr(one, name) for name in PartyDetails.__slots__},
        )
    PerformanceItem.objects.bulk_create(
        PerformanceItem(
            agreement=agreement, number=number, what=one.what, amount=one.amount, due_on=one.due_on
        )
        for number, one in enumerate(draft.promises, start=1)
    )
    return agreement


def _start_clocks(case: Case, agreement: Agreement, at: datetime) -> None:
    """Each promise has its clock; without promises the agreement counts as performed on the spot."""
    holder = deadlines.Holder(post_id=agreement.concluded_by_id)
    items: Sequence[PerformanceItem] = list(agreement.items.order_by("number"))
    for item in items:
        _, ends_at = time.day_bounds(item.due_on)
        deadlines.start(case, item, "performance.due", key="", holder=holder, at=at, due_at=max(ends_at, at))
    if not items:
        agreement.status = AgreementStatus.PERFORMED
        agreement.save(update_fields=["status"])


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
    row.status, row.proof, row.performed_at = to, proof, at if performed else None
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


def _update_agreement(case: Case, agreement: Agreement, *, actor: PostActor, at: datetime) -> None:
    statuses = set(agreement.items.values_list("status", flat=True))
    if ItemStatus.BREACHED in statuses:
        agreement.status = AgreementStatus.BREACHED
    elif statuses == {ItemStatus.PERFORMED}:
        agreement.status = AgreementStatus.PERFORMED
        lifecycle.record(case, "agreement.performed", actor=actor, at=at, subject=agreement)
    else:
        agreement.status = AgreementStatus.CONCLUDED
    agreement.save(update_fields=["status"])
