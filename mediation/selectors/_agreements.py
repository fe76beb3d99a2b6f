"""Questions about agreements, their promises and papers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dispute_hub.accounts.actor import Actor
from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.selectors import parties, visible_to
from dispute_hub.common.errors import OutOfScope
from mediation.models import Agreement, ItemStatus, Paper, PerformanceItem
from mediation.papers import contents, files
from mediation.services import PartyDetails


def get_agreement(actor: Actor, number: str, *, at: datetime) -> Agreement:
    """One agreement by its number; OutOfScope (404) when unknown or out of reach, alike."""
    agreement = (
        Agreement.objects.select_related("case", "session", "concluded_by__user", "concluded_by__unit")
        .filter(number=number, case__in=visible_to(actor, at=at))
        .first()
    )
    if agreement is None:
        raise OutOfScope("没有找到该协议，或不在当前岗位的查看范围内。")
    return agreement


def get_item(agreement: Agreement, number: int) -> PerformanceItem:
    """One promise of the agreement by its number."""
    item = agreement.items.select_related("agreement").filter(number=number).first()
    if item is None:
        raise OutOfScope("没有找到该履行项。")
    return item


def agreements_of(case: Case) -> QuerySet[Agreement]:
    """The agreements of a case, the newest first."""
    return Agreement.objects.filter(case=case).order_by("-id")


def due_items(actor: Actor, *, at: datetime) -> QuerySet[PerformanceItem]:
    """Promises in reach that are still to be kept, the nearest first."""
    return (
        PerformanceItem.objects.filter(status=ItemStatus.DUE, agreement__case__in=visible_to(actor, at=at))
        .select_related("agreement__case")
        .order_by("due_on", "id")
    )


def papers_of(agreement: Agreement) -> QuerySet[Paper]:
    """Every version made of the agreement's papers, the newest first."""
    return Paper.objects.filter(agreement=agreement).select_related("made_by__user").order_by("-id")


def get_paper(actor: Actor, paper_id: int, *, at: datetime) -> Paper:
    """One version of a paper of a case in reach."""
    paper = Paper.objects.filter(pk=paper_id, case__in=visible_to(actor, at=at)).first()
    if paper is None:
        raise OutOfScope("没有找到该文书，或不在当前岗位的查看范围内。")
    return paper


def file_of(paper: Paper) -> bytes:
    """The file of a paper just made; NotReady when it is not what was stored."""
    return files.read(paper.file, paper.sha256)


def sheet_of(paper: Paper) -> contents.Content:
    """What the paper says, for the print view."""
    if paper.agreement is not None:
        return contents.of_agreement(paper.agreement)
    assert paper.session is not None
    return contents.of_record(paper.session)


def recorded_parties(case: Case) -> tuple[PartyDetails, ...]:
    """The parties of a case as far as they are known by name, for an agreement that names none itself."""
    rows = parties(case).exclude(role=Party.PartyRole.WITNESS)
    return tuple(
        PartyDetails(party.name, party, sex=party.sex, phone=party.phone, id_number=party.id_number)
        for party in rows
        if party.name
    )


def answer_of_agreement(agreement: Agreement) -> dict[str, Any]:
    """What the API says of an agreement; no names, they are on the paper."""
    return {
        "no": agreement.number,
        "case_no": agreement.case.case_no,
        "case_status": Case.objects.get(pk=agreement.case_id).status,
        "form": agreement.form,
        "status": agreement.status,
        "total_amount": None if agreement.total_amount is None else str(agreement.total_amount),
        "concluded_at": agreement.concluded_at.isoformat(),
        "confirm_due_on": agreement.confirm_due_on and agreement.confirm_due_on.isoformat(),
        "items": [
            {
                "number": item.number,
                "what": item.what,
                "amount": None if item.amount is None else str(item.amount),
                "due_on": item.due_on.isoformat(),
                "status": item.status,
            }
            for item in agreement.items.order_by("number")
        ],
    }
