"""异常报文箱: what a sender signed and we could not read; repaired and replayed, or set down as nothing."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from intake import selectors, services
from intake.api import item_class
from intake.forms import ReasonForm, RepairForm
from intake.models import Quarantine

ORDER = ("-created_at", "-id")


@door("quarantine.repair")
def quarantine(request: HttpRequest) -> HttpResponse:
    """Open ones first seen; the others by filter."""
    state = request.GET.get("state", Quarantine.State.OPEN)
    entries = selectors.quarantined_visible_to(actor_of(request))
    page = keyset_page(
        entries.filter(state=state).defer("body"), order=ORDER, cursor=request.GET.get("cursor")
    )
    tabs = [
        {"title": title, "url": f"?state={code}", "is_current": code == state}
        for code, title in Quarantine.State.choices
    ]
    said = {"page": page, "tabs": tabs, "next_cursor": page.next_cursor}
    return render(request, "intake/quarantine_list.html", said)


@door("quarantine.repair")
def quarantine_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, pk)


def _detail(
    request: HttpRequest, pk: int, *, form: RepairForm | None = None, reason_form: ReasonForm | None = None
) -> HttpResponse:
    entry = selectors.get_quarantined(actor_of(request), pk)
    text = bytes(entry.repaired_body or entry.body).decode("utf-8", "replace")
    said = {
        "entry": entry,
        "form": form or RepairForm(initial={"body": text}),
        "reason_form": reason_form or ReasonForm(),
        "is_open": entry.state == Quarantine.State.OPEN,
    }
    status = max(one.status for one in (form, reason_form) if one) if form or reason_form else 200
    return render(request, "intake/quarantine_detail.html", said, status=status)


@door("quarantine.repair", "POST")
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Replay the repaired text as if the source had sent it so."""
    actor, at = actor_of(request), time.now()
    entry = selectors.get_quarantined(actor, pk)
    form = RepairForm(request.POST)
    replay = partial(services.replay_quarantined, entry, classify=item_class, actor=actor, at=at)
    receipt = form.submit(replay)
    if receipt is None:
        return _detail(request, pk, form=form)
    messages.success(request, f"已入库：警情 {receipt.alert.alert_no}，案件 {receipt.case.case_no}。")
    return HttpResponseRedirect(reverse("quarantine"))


@door("quarantine.repair", "POST")
def drop_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Set down as no alert, with the reason."""
    actor, at = actor_of(request), time.now()
    entry = selectors.get_quarantined(actor, pk)
    form = ReasonForm(request.POST)
    done = form.submit(partial(services.drop_quarantined, entry, actor=actor, at=at))
    if done is None:
        return _detail(request, pk, reason_form=form)
    messages.success(request, "已作废，报文仍可在“已核实作废”中查看。")
    return HttpResponseRedirect(reverse("quarantine"))
