"""Pages of agreements: the editor, one agreement, its papers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from mediation import selectors, services
from mediation.forms import AgreementEditor, ConfirmationForm, PerformanceForm
from mediation.papers import clauses
from mediation.views._papers import as_file, as_page


@door("agreement.conclude", "GET", "POST")
def new_agreement(request: HttpRequest, case_no: str) -> HttpResponse:
    """The agreement editor."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    post = request.POST if request.method == "POST" else None
    editor = AgreementEditor(post, case=case, session_id=request.GET.get("session"))
    act = partial(services.conclude_agreement, case, actor=actor, at=at)
    made = editor.submit(act) if post is not None else None
    if made is None:
        said = {"case": case, "editor": editor, "form": editor.form, "library": clauses.library()}
        said["row_version"] = case.version
        return render(request, "mediation/agreement_new.html", said, status=editor.status)
    messages.success(request, f"协议 {made.number} 已订立。")
    return redirect("agreement_detail", made.number)


@door("agreement.read")
def agreement_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One agreement with its promises."""
    return _detail(request, number)


def _detail(request: HttpRequest, number: str, *, status: int = 200, **bound: Any) -> HttpResponse:
    actor = actor_of(request)
    agreement = selectors.get_agreement(actor, number, at=time.now())
    forms = {"perform_form": PerformanceForm(), "confirm_form": ConfirmationForm()}
    said = {**selectors.agreement_page(actor, agreement), **forms, **bound}
    return render(request, "mediation/agreement_detail.html", said, status=status)


@door("performance.record", "POST")
def perform(request: HttpRequest, number: str, item: int) -> HttpResponse:
    """One promise was kept or broken."""
    actor, at = actor_of(request), time.now()
    agreement = selectors.get_agreement(actor, number, at=at)
    row, form = selectors.get_item(agreement, item), PerformanceForm(request.POST)
    made = form.submit(partial(services.record_performance, row, actor=actor, at=at))
    if made is None:
        return _detail(request, number, status=form.status, perform_form=form, refused_item=item)
    messages.success(request, f"第{item}项已登记为“{made.get_status_display()}”。")
    return redirect("agreement_detail", number)


@door("performance.record", "POST")
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """What the parties chose about judicial confirmation."""
    actor, at = actor_of(request), time.now()
    agreement = selectors.get_agreement(actor, number, at=at)
    form = ConfirmationForm(request.POST)
    made = form.submit(partial(services.record_confirmation, agreement, actor=actor, at=at))
    if made is None:
        return _detail(request, number, status=form.status, confirm_form=form)
    messages.success(request, f"司法确认情况已登记：{made.get_confirmation_display()}。")
    return redirect("agreement_detail", number)


@door("paper.make")
def agreement_docx(request: HttpRequest, number: str) -> HttpResponse:
    """The agreement as a Word file: the valid version, or a new one if something changed."""
    actor, at = actor_of(request), time.now()
    agreement = selectors.get_agreement(actor, number, at=at)
    paper = services.make_agreement_paper(agreement, actor=actor, at=at)
    return as_file(paper, selectors.file_of(paper))


@door("paper.make")
def agreement_print(request: HttpRequest, number: str) -> HttpResponse:
    """The agreement to print."""
    actor, at = actor_of(request), time.now()
    agreement = selectors.get_agreement(actor, number, at=at)
    paper = services.make_agreement_paper(agreement, actor=actor, at=at)
    return as_page(request, paper, f"/agreements/{agreement.number}/")


@door("paper.make")
def paper_file(request: HttpRequest, paper_id: int) -> HttpResponse:
    """Any version of a paper, also a voided one."""
    actor, at = actor_of(request), time.now()
    paper = selectors.get_paper(actor, paper_id, at=at)
    return as_file(paper, services.fetch_paper(paper, actor=actor, at=at))
