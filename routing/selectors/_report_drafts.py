"""Drafts of reports: what somebody typed before he left the page."""

from __future__ import annotations

import json
from typing import Any, Final

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case
from routing.models import ReportDraft

# Several may be chosen; everything else is one value.
MANY: Final = ("assisting_units",)


def report_draft_of(case: Case, actor: PostActor) -> ReportDraft | None:
    """This person's draft for the case, on whichever desk it was typed."""
    return ReportDraft.objects.filter(case=case, user=actor.user).first()


def typed_before(draft: ReportDraft | None) -> dict[str, Any]:
    """The draft as initial values of the form; nothing without one."""
    content: dict[str, list[str]] = json.loads(draft.content) if draft and draft.content else {}
    return {name: values if name in MANY else (values or [""])[0] for name, values in content.items()}
