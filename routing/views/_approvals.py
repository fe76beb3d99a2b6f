"""审批: everything that waits for a second person, in one rhythm."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import services as cases
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from routing import selectors
from routing.forms import ConfirmForm


@door("sheet.read")
def approvals(request: HttpRequest) -> HttpResponse:
    """Third pushes, lowerings, closings and confirmations of this unit."""
    return _page(request)


@door("case.confirm_not_dispute", "POST")
def confirm_case(request: HttpRequest, case_no: str) -> HttpResponse:
    """The command room's last word on 非纠纷, or 无效 after a call-back."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = ConfirmForm(request.POST)
    if form.submit(partial(cases.confirm_no_dispute, case, actor=actor, at=at)) is not None:
        messages.success(request, f"{case_no} 已确认。")
        return redirect("approvals")
    return _page(request, refused=form, case_no=case_no)


def _page(request: HttpRequest, *, refused: ConfirmForm | None = None, case_no: str = "") -> HttpResponse:
    actor, at = actor_of(request), time.now()
    said = {
        "confirmations": selectors.confirmations_for(actor, at=at),
        "may_approve": selectors.may_approve(actor, at=at),
        "sees_orders": selectors.sees_approvals(actor, at=at),
        "refused": refused,
        "refused_case": case_no,
    }
    return render(request, "routing/approvals.html", said, status=refused.status if refused else 200)
