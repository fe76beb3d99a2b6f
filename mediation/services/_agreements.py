"""Agreements: written down, checked, concluded; the case is settled by them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table, deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Party, SettleHow, Status
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid
from mediation.models import (
    Agreement,
    AgreementParty,
    AgreementStatus,
    MediationSession,
    PerformanceItem,
    SessionKind,
    SessionStatus,
)

HOW = {Agreement.Form.WRITTEN: SettleHow.AGREEMENT, Agreement.Form.ORAL: SettleHow.ORAL_AGREEMENT}
CONCLUDED_IN = (*cases.SETTLED_FROM, Status.JOINT, Status.VERIFYING)
CONFIRM = "agreement.confirm"


@dataclass(frozen=True, slots=True)
class Promise:
    """One performance item: what, by when, and how much if it is money (yuan)."""

    what: str
    due_on: date
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PartyDetails:
    """What the paper says about one party; an organisation has a `representative`."""

    name: str
    party: Party | None = None
    representative: str = ""
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
    session: MediationSession | None = None

    @property
    def promised(self) -> Decimal:
        """Sum of the instalments in yuan."""
        return sum((one.amount or Decimal(0) for one in self.promises), Decimal(0))


@transaction.atomic
def conclude_agreement(
    case: Case, draft: AgreementDraft, *, actor: PostActor, at: datetime, version: int | None = None
) -> Agreement:
    """Store the agreement, start its clocks, and settle the case.

    A case that is joint is settled through its order, so that the station verifies with both parties.
    Raises Invalid with the fields to mend, Stale for an older row version, Conflict for the status.
    """
    policy.require(actor, "agreement.conclude", at=at)
    case = cases.lock_version(case.pk, version)
    _check(case, draft, at)
    how = HOW[Agreement.Form(draft.form)]
    cases.check_settlement(case, how=how, text=draft.facts)
    agreement = _store(case, draft, actor, at)
    lifecycle.record(
        case, "agreement.concluded", actor=actor, at=at, subject=agreement,
        data={"number": agreement.number, "form": agreement.form},
    )  # fmt: skip
    if case.status in cases.SETTLED_FROM:
        said = {"agreement": agreement.number}
        cases.mark_settled(case, how=how, text=_outcome(agreement), actor=actor, at=at, data=said)
    _start_clocks(case, agreement, at)
    return agreement


def _outcome(agreement: Agreement) -> str:
    """What the timeline says of it: facts name people, so the terms are counted, not told."""
    kind = agreement.get_form_display()
    return f"达成{kind}{agreement.number}，共{len(agreement.terms)}条，履行项{agreement.items.count()}项。"


def _check(case: Case, draft: AgreementDraft, at: datetime) -> None:
    if case.status not in CONCLUDED_IN:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能再订立协议。")
    wrong: dict[str, list[str]] = {}
    if draft.form not in Agreement.Form.values:
        wrong["form"] = ["请选择书面或口头协议。"]
    if not draft.facts.strip():
        wrong["facts"] = ["请写明主要事实和争议事项。"]
    if not [term for term in draft.terms if term.strip()]:
        wrong["terms"] = ["请至少写一条协议内容。"]
    if len([one for one in draft.parties if one.name.strip()]) < 2 or not all(
        one.name.strip() for one in draft.parties
    ):
        wrong["parties"] = ["协议至少有两方当事人，每方均须写明姓名或名称。"]
    if draft.copies < 1:
        wrong["copies"] = ["协议份数至少为一份。"]
    if not_performable := _wrong_promises(draft, at):
        wrong["promises"] = [not_performable]
    if draft.session is not None and (not_this := _wrong_session(case, draft.session)):
        wrong["session"] = [not_this]
    if wrong:
        raise Invalid("协议内容不完整。", fields=wrong)


def _wrong_promises(draft: AgreementDraft, at: datetime) -> str:
    today = time.beijing_date(at)
    if any(not one.what.strip() for one in draft.promises):
        return "每一履行项都要写明履行内容。"
    if any(one.due_on < today for one in draft.promises):
        return "履行期限不能早于今天。"
    if any(one.amount is not None and one.amount <= 0 for one in draft.promises):
        return "履行金额应大于零；不涉及金钱的履行项请留空。"
    total = draft.total_amount
    if total is not None and draft.promises and draft.promised != total:
        return f"分期合计 {draft.promised} 元，与总额 {total} 元不一致，请核对。"
    return ""


def _wrong_session(case: Case, session: MediationSession) -> str:
    if session.case_id != case.pk:
        return "该次调解不属于本案。"
    if session.status != SessionStatus.HELD:
        return "请先填写该次调解的笔录和结果。"
    return ""


def _store(case: Case, draft: AgreementDraft, actor: PostActor, at: datetime) -> Agreement:
    total = draft.total_amount
    agreement = Agreement.objects.create(
        number=numbers.issue("agreement", at), case=case, session=draft.session, form=draft.form,
        facts=draft.facts, responsibility=draft.responsibility,
        terms=[term.strip() for term in draft.terms if term.strip()],
        performance_way=draft.performance_way, copies=draft.copies,
        total_amount=draft.promised or None if total is None else total,
        concluded_at=at, concluded_by=actor.post, confirm_due_on=_confirm_due_on(draft, actor, at),
        status=AgreementStatus.CONCLUDED if draft.promises else AgreementStatus.PERFORMED,
    )  # fmt: skip
    AgreementParty.objects.bulk_create(
        AgreementParty(
            agreement=agreement, **{one.name: getattr(details, one.name) for one in fields(PartyDetails)}
        )
        for details in draft.parties
    )
    PerformanceItem.objects.bulk_create(
        PerformanceItem(
            agreement=agreement, number=number, what=one.what, amount=one.amount, due_on=one.due_on
        )
        for number, one in enumerate(draft.promises, start=1)
    )
    return agreement


def _confirm_due_on(draft: AgreementDraft, actor: PostActor, at: datetime) -> date | None:
    """The last day for joint judicial confirmation: written agreements of people's mediation only.

    An agreement without a session is people's mediation when a mediator concludes it; an officer's is not.
    """
    kind = draft.session.kind if draft.session else None
    people = kind == SessionKind.PEOPLE if kind else actor.role == Role.MEDIATOR
    if draft.form != Agreement.Form.WRITTEN or not people:
        return None
    ends_at = clock_table.due_at(at, clock_table.limit_of(CONFIRM, ""), safety=False)
    return time.beijing_date(ends_at - timedelta(seconds=1))


def _start_clocks(case: Case, agreement: Agreement, at: datetime) -> None:
    """Each promise has its clock, and so has the parties' right to confirmation; neither holds the case."""
    holder = deadlines.Holder(unit_id=agreement.concluded_by.unit_id, post_id=agreement.concluded_by_id)
    for item in agreement.items.order_by("number"):
        _, ends_at = time.day_bounds(item.due_on)
        deadlines.start(case, item, "performance.due", key="", holder=holder, at=at, due_at=ends_at)
    if agreement.confirm_due_on is not None:
        _, ends_at = time.day_bounds(agreement.confirm_due_on)
        deadlines.start(case, agreement, CONFIRM, key="", holder=holder, at=at, due_at=ends_at)
