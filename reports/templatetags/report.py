"""Words of codes that stand in the packed lists of a case file, where no model gives their label."""

from __future__ import annotations

from typing import Any, Final

from django import template

from followup.models import Supervision, SupervisionStatus
from mediation.models import AgreementStatus, ItemStatus, PaperKind, SessionKind, SessionStatus
from reports.event_words import word_of
from routing.models import CaseFileStep, OrderKind, Push
from triage.models import Regrade

register = template.Library()

WORDS: Final[dict[str, dict[str, str]]] = {
    name: {str(code): str(word) for code, word in choices}
    for name, choices in (
        ("push_status", Push.Status.choices),
        ("order_kind", OrderKind.choices),
        ("step", CaseFileStep.Step.choices),
        ("session_kind", SessionKind.choices),
        ("session_status", SessionStatus.choices),
        ("agreement_status", AgreementStatus.choices),
        ("paper_kind", PaperKind.choices),
        ("item_status", ItemStatus.choices),
        ("supervision_kind", Supervision.Kind.choices),
        ("supervision_status", SupervisionStatus.choices),
        ("regrade_status", Regrade.Status.choices),
    )
}


@register.filter
def word(code: Any, kind: str) -> str:
    """The Chinese word of a code; "" for none, the code itself when it has no word."""
    if code in (None, ""):
        return word_of(kind, "") if kind == "from" else ""
    return WORDS[kind].get(str(code), str(code)) if kind in WORDS else word_of(kind, code)
