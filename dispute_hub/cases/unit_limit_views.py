"""本所时限: stricter limits of a station, proposed and decided."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import services
from dispute_hub.cases import unit_limit_selectors as selectors
from dispute_hub.cases.forms import DecisionForm, UnitLimitForm
from dispute_hub.common import time


@door("unit_limits.read")
def unit_limits(request: HttpRequest) -> HttpResponse:
    """What is in force at this station, or at the stations of this bureau, and what waits."""
    return _page(request)


def _page(
    request: HttpRequest, form: Any = None, decision: DecisionForm | None = None, of: int = 0
) -> HttpResponse:
    """The page; a refused decision stands at its row, or at the head once the row is decided."""
    actor, refused = actor_of(request), form or decision
    rows = selectors.unit_limits(actor)
    open_ones = [one.row.pk for one in rows if one.may_decide]
    forms = {pk: decision if pk == of else _decision(pk) for pk in open_ones}
    said = {
        "rows": [(one, forms.get(one.row.pk)) for one in rows],
        "form": form or UnitLimitForm.among(selectors.stations_of(actor)),
        "may_propose": policy.allows(actor.role, "unit_limits.propose"),
        "late": decision if of not in forms else None,
    }
    return render(request, "cases/unit_limits.html", said, status=refused.status if refused else 200)


def _decision(limit_id: int, data: Any = None) -> DecisionForm:
    return DecisionForm(data, auto_id=f"limit{limit_id}_%s")


@door("unit_limits.propose", "POST")
def unit_limit_propose(request: HttpRequest) -> HttpResponse:
    """申请 a stricter limit, or the table's again."""
    actor, at = actor_of(request), time.now()
    form = UnitLimitForm.among(selectors.stations_of(actor), request.POST)
    if form.submit(partial(services.propose_unit_limit, actor=actor, at=at)) is None:
        return _page(request, form)
    messages.success(request, "申请已提交，另一位同事审批后生效。")
    return redirect("unit_limits")


@door("unit_limits.approve", "POST")
def unit_limit_decide(request: HttpRequest, limit_id: int) -> HttpResponse:
    """审批."""
    actor, at = actor_of(request), time.now()
    row, form = selectors.get_unit_limit(actor, limit_id), _decision(limit_id, request.POST)
    if form.submit(partial(services.decide_unit_limit, row, actor=actor, at=at)) is None:
        return _page(request, decision=form, of=limit_id)
    messages.success(request, "已审批。生效的时限正在后台重新计算。")
    return redirect("unit_limits")
