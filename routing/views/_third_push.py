"""三推办理 and 分流: what leaves the police side is written and seen here first."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from routing import forms, selectors, services

LAST_EVENTS = 30


@door("third_push.propose", "GET", "POST")
def third_push(request: HttpRequest, case_no: str) -> HttpResponse:
    """Left the case in brief, right the report in six sections; sent to a leader for approval."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    said = _drafted(request, case, at)
    form = said["form"]
    propose = partial(services.propose_third_push, case, actor=actor, at=at)
    made = form.submit(propose) if form.is_bound else None
    if made is None:
        return render(request, "routing/third_push.html", said, status=form.status)
    messages.success(request, f"已提交审批：{made.no}。批准前请勿对外告知。")
    return HttpResponseRedirect(f"/orders/{made.no}/")


@door("third_push.propose", "POST")
def third_push_preview(request: HttpRequest, case_no: str) -> HttpResponse:
    """推送内容预览: exactly what the centre will see, from what stands in the form now. Stores nothing."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = _form(request, case, selectors.assignable_units(case), at)[0]
    said = {**_previewed(form, case), "is_refresh": True}
    said["has_changed"] = said["preview"].hash != request.POST.get("seen")
    return render(request, "routing/_third_push_packet.html", said)


@door("third_push.propose", "POST")
def third_push_draft(request: HttpRequest, case_no: str) -> HttpResponse:
    """What is typed so far is kept; the answer names its edition, so that no tab overwrites another."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    content, edition = forms.typed(request.POST)
    kept = services.save_report_draft(case, content=content, edition=edition, actor=actor, at=at)
    response = HttpResponse(status=204)
    response["X-Draft-Edition"] = str(kept.edition if kept else edition)
    return response


@door("third_push.propose", "POST")
def third_push_draft_drop(request: HttpRequest, case_no: str) -> HttpResponse:
    """Start again from what the system knows."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    services.drop_report_draft(case, actor=actor, at=at)
    messages.success(request, "草稿已放弃，已按系统掌握的情况重新预填。")
    return HttpResponseRedirect(f"/cases/{case.case_no}/third-push/")


def _form(request: HttpRequest, case: Any, units: Any, at: Any) -> tuple[Any, Any, Any]:
    brief = selectors.brief_of(case, units, at=at)
    typed = request.POST if request.method == "POST" else None
    draft = None if typed else selectors.report_draft_of(case, actor_of(request))
    return forms.ThirdPushForm.on(case, brief, units, typed, at=at, draft=draft), brief, draft


def _previewed(form: Any, case: Any) -> dict[str, Any]:
    preview = form.preview(case)
    return {"form": form, "case": case, "preview": preview, "fields": selectors.FIELDS.values(),
            "stays": selectors.STAYS}  # fmt: skip


def _drafted(request: HttpRequest, case: Any, at: Any) -> dict[str, Any]:
    form, brief, draft = _form(request, case, selectors.assignable_units(case), at)
    sections = [(form[name], brief.known.get(name, "")) for name in (*forms.SECTIONS, "attachments")]
    return {
        **_previewed(form, case),
        "brief": brief,
        "draft": draft,
        "sections": sections,
        "events": selectors.last_events(case, most=LAST_EVENTS),
    }


@door("case.divert", "GET", "POST")
def divert(request: HttpRequest, case_no: str) -> HttpResponse:
    """A calm matter that is not for the police goes to who can settle it, with a hand-over notice."""
    actor, at = actor_of(request), time.now()
    case = selectors.case_to_divert(actor, case_no, at=at)
    form = forms.DiversionForm.on(case, request.POST if request.method == "POST" else None)
    divert_case = partial(services.divert, case, actor=actor, at=at)
    made = form.submit(divert_case) if form.is_bound else None
    if made is None:
        said = {"case": case, "form": form, "item": selectors.item_of(case)}
        return render(request, "routing/diversion.html", said, status=form.status)
    messages.success(request, f"已分流：{made.no}，30分钟内未签收将自动退回派出所。")
    return HttpResponseRedirect(selectors.after_diversion(actor, made))
