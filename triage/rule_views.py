"""Pages of the triage rules: versions, one version, one part of it, what differs, the way into force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.common.paging import single_param
from triage import selectors, services
from triage.models import RuleSet
from triage.rule_factor_form import part_form
from triage.rule_forms import NoteForm, TrialForm, VersionForm


@door("rules.manage")
def rules(request: HttpRequest) -> HttpResponse:
    """研判规则: every version, drafts first, and the factors in force."""
    said = {"versions": selectors.version_rows(), **selectors.active_rules()}
    return render(request, "triage/rules_list.html", said)


@door("rules.manage")
def rule_set(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """One version: its state, replays, a box to try it, its parts by kind."""
    return _page(request, selectors.get_rule_set(rule_set_id))


def _page(request: HttpRequest, shown: RuleSet, form: SubmittedForm | None = None) -> HttpResponse:
    said = {
        "view": selectors.rule_set_view(shown, actor_of(request)),
        "rule_set": shown,
        "row_version": shown.edit_no,
        "replays": selectors.last_replays(shown),
        "learned": selectors.learned_view(shown.content),
        "contents": selectors.contents(shown, single_param(request, "kind") or "factor"),
        "form": form,
        "note_form": form if isinstance(form, NoteForm) else NoteForm(),
        "trial_form": TrialForm(),
    }
    return render(request, "triage/rule_set.html", said, status=form.status if form else 200)


@door("rules.manage", "GET", "POST")
def rule_part(request: HttpRequest, rule_set_id: int, part: str) -> HttpResponse:
    """One part of a version: read it, or change it in a draft."""
    shown, actor, at = selectors.get_rule_set(rule_set_id), actor_of(request), time.now()
    form = part_form(shown, part, request.POST if request.method == "POST" else None)
    edit = partial(services.edit_draft, shown, actor=actor, at=at)
    made = form.submit(edit) if form.is_bound else None
    if made is not None:
        messages.success(request, f"已保存“{form.title}”。试算后才能提交。")
        return HttpResponseRedirect(f"{reverse('rule_set', args=[shown.pk])}?kind={form.kind}#parts")
    said = {"rule_set": shown, "form": form, "row_version": shown.edit_no, "title": form.title}
    return render(request, "triage/rule_part.html", said, status=form.status)


@door("rules.manage")
def rule_part_new(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Go to the empty form of a part that a draft does not have yet."""
    kind, name = single_param(request, "kind") or "", (single_param(request, "name") or "").strip()
    part_form(selectors.get_rule_set(rule_set_id), f"{kind}/{name}", None)
    return HttpResponseRedirect(reverse("rule_part", args=[rule_set_id, f"{kind}/{name}"]))


@door("rules.manage")
def rule_diff(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """What differs from another version: the one it was drafted from, unless one is chosen."""
    shown = selectors.get_rule_set(rule_set_id)
    other = selectors.to_compare(shown, single_param(request, "against") or "")
    said = {
        "rule_set": shown,
        "other": other,
        "changes": selectors.compare(other.content, shown.content) if other else [],
        "versions": selectors.versions(),
    }
    return render(request, "triage/rule_diff.html", said)


@door("rules.manage", "POST")
def rule_trial(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """What this version and the one in force say of a narrative: a fragment; nothing is stored."""
    shown, form = selectors.get_rule_set(rule_set_id), TrialForm(request.POST)
    tried = form.submit(partial(services.try_out, shown, at=time.now()))
    layout = "triage/bare.html" if "HX-Request" in request.headers else "base.html"
    return render(request, "triage/rule_trial.html", {"form": form, "tried": tried, "layout": layout})


@door("rules.manage", "POST")
def rule_draft_new(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Draft a new version from this one; from a retired one it is the way back."""
    shown, form = selectors.get_rule_set(rule_set_id), NoteForm(request.POST)
    retired = shown.status == RuleSet.Status.RETIRED
    begin = services.restore if retired else services.draft_from
    made = form.submit(partial(begin, shown, actor=actor_of(request), at=time.now()))
    if made is None:
        return _page(request, shown, form)
    messages.success(request, f"已起草第{made.version}版，可逐项修改。")
    return HttpResponseRedirect(reverse("rule_set", args=[made.pk]))


@door("rules.manage", "POST")
def rule_submit(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """提交审核."""
    return _act(request, rule_set_id, services.submit_draft, "已提交，请另一位有权限的同事审核启用。")


@door("rules.manage", "POST")
def rule_activate(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """启用: the second person."""
    return _act(request, rule_set_id, services.activate, "已启用，新的研判立即按本版规则进行。")


@door("rules.manage", "POST")
def rule_discard(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """作废一份草稿."""
    return _act(request, rule_set_id, services.discard_draft, "草稿已作废，需要时可再由它起草。")


def _act(request: HttpRequest, rule_set_id: int, act: Callable[..., RuleSet], said: str) -> HttpResponse:
    shown, form = selectors.get_rule_set(rule_set_id), VersionForm(request.POST)
    if form.submit(partial(act, shown, actor=actor_of(request), at=time.now())) is None:
        return _page(request, shown, form)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("rule_set", args=[rule_set_id]))
