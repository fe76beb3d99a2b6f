"""Calls being typed at the desk: kept while typed, dispatched before they are finished, closed."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import Conflict, OutOfScope
from intake.message import AlertFacts
from intake.models import Alert, DeskDraft
from intake.selectors import case_to_attach
from intake.services._attaching import attach
from intake.services._dispatching import correct_alert
from intake.services._receiving import Classify, take_in
from intake.services._sources import desk_of

LONGEST_DRAFT = 60_000
KEPT_WITHIN = timedelta(days=1)
Content = dict[str, list[str]]


@transaction.atomic
def save_draft(key: uuid.UUID, *, content: Content, actor: PostActor, at: datetime) -> DeskDraft | None:
    """Keep what is typed so far; None when the call is over already or nothing is typed yet."""
    policy.require(actor, "alert.log", at=at)
    draft = _mine(key, actor)
    if draft is None:
        if not any(value.strip() for values in content.values() for value in values):
            return None
        return _open(key, content, actor=actor, at=at)
    if draft.closed_at is not None:
        return None
    draft.content, draft.saved_at = _packed(content), at
    draft.save(update_fields=["content", "saved_at"])
    return draft


@transaction.atomic
def drop_draft(key: uuid.UUID, *, actor: PostActor, at: datetime) -> None:
    """Give a call up: its text is wiped. An alert that was dispatched from it stands."""
    policy.require(actor, "alert.log", at=at)
    draft = _mine(key, actor)
    if draft is not None:
        _close(draft, at=at)


@transaction.atomic
def save_call(
    key: uuid.UUID,
    facts: AlertFacts,
    *,
    content: Content,
    attach_to: str,
    is_last: bool,
    classify: Classify,
    actor: PostActor,
    at: datetime,
) -> Alert:
    """先派警 or 保存: the call becomes an alert at once; what is typed later becomes its next version.

    `attach_to` is the number of an earlier case the dispatcher chose; `is_last` closes the call.
    Raises Conflict when the alert cannot join that case, OutOfScope for one out of reach.
    """
    policy.require(actor, "alert.log", at=at)
    draft = _mine(key, actor) or _open(key, content, actor=actor, at=at)
    if draft.closed_at is not None:
        raise Conflict("该来电已结束。请点“新来电”重新登记；补充内容请在警情页发续报。")
    target = case_to_attach(attach_to, actor=actor, at=at)
    if draft.alert is None:
        facts = replace(facts, item_class=classify(facts))
        alert = take_in(facts, source=desk_of(actor.unit), joins=target, actor=actor, at=at).alert
    else:
        alert = correct_alert(draft.alert, facts, actor=actor, at=at)
    if target is not None and target.pk != alert.case_id:
        alert = attach(alert, to=target, actor=actor, at=at)
    draft.alert, draft.content, draft.saved_at = alert, _packed(content), at
    draft.save(update_fields=["alert", "content", "saved_at"])
    if is_last:
        _close(draft, at=at)
    return alert


def content_of(draft: DeskDraft) -> Content:
    """What was typed, as form data."""
    return dict(json.loads(draft.content)) if draft.content else {}


def _mine(key: uuid.UUID, actor: PostActor) -> DeskDraft | None:
    """The draft, locked; OutOfScope for somebody else's."""
    draft = DeskDraft.objects.select_for_update(of=("self",)).select_related("alert").filter(key=key).first()
    if draft is not None and draft.post_id != actor.post.pk:
        raise OutOfScope()
    return draft


def _open(key: uuid.UUID, content: Content, *, actor: PostActor, at: datetime) -> DeskDraft:
    # Calls that are over are wiped already; their rows go after a day.
    DeskDraft.objects.filter(post=actor.post, closed_at__lt=at - KEPT_WITHIN).delete()
    return DeskDraft.objects.create(
        key=key, post=actor.post, content=_packed(content), opened_at=at, saved_at=at
    )


def _close(draft: DeskDraft, *, at: datetime) -> None:
    draft.content, draft.closed_at = "", at
    draft.save(update_fields=["content", "closed_at"])


def _packed(content: Content) -> str:
    text = json.dumps(content, ensure_ascii=False)
    return text if len(text) <= LONGEST_DRAFT else "{}"
