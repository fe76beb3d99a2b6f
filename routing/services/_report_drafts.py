"""三推办理 while it is written: kept on the server as somebody types, safe against a second tab."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Invalid, Stale
from routing.models import ReportDraft

LONGEST_DRAFT: Final = 60_000
# What nobody came back to in a month is not coming back; the case itself has moved on.
KEPT_WITHIN: Final = timedelta(days=30)
Content = dict[str, list[str]]


@transaction.atomic
def save_report_draft(
    case: Case, *, content: Content, edition: int, actor: PostActor, at: datetime
) -> ReportDraft | None:
    """Keep what is typed so far; None once the case waits for approval already.

    `edition` is the one this tab has read (0: none). Raises Stale when another tab saved since: neither
    overwrites the other, the older one is told.
    """
    policy.require(actor, "third_push.propose", at=at)
    case = cases.lock(case.pk)
    if case.status != Status.TRACKING:
        return None
    packed = json.dumps(content, ensure_ascii=False)
    if len(packed) > LONGEST_DRAFT:
        raise Invalid("草稿过长，未能保存；请精简后继续填写。", code="draft_too_long")
    draft = ReportDraft.objects.select_for_update().filter(case=case, user=actor.user).first()
    if (draft.edition if draft else 0) != edition:
        raise Stale("草稿已在另一页面保存或放弃，本页不再自动保存。请刷新后继续。")
    if draft is None:
        ReportDraft.objects.filter(user=actor.user, saved_at__lt=at - KEPT_WITHIN).delete()
        return ReportDraft.objects.create(case=case, user=actor.user, content=packed, saved_at=at)
    draft.content, draft.saved_at, draft.edition = packed, at, draft.edition + 1
    draft.save(update_fields=["content", "saved_at", "edition"])
    return draft


@transaction.atomic
def drop_report_draft(case: Case, *, actor: PostActor, at: datetime) -> None:
    """Give up what was typed and start again from what the system knows."""
    policy.require(actor, "third_push.propose", at=at)
    ReportDraft.objects.filter(case=case, user=actor.user).delete()


def drop_drafts(case: Case) -> None:
    """The case was proposed or has ended: everybody's drafts of it have served."""
    ReportDraft.objects.filter(case=case).delete()
