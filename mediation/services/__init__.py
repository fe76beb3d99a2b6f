"""Verbs of mediation and consultation."""

from mediation.services._agreements import (
    AgreementDraft,
    PartyDetails,
    Promise,
    conclude_agreement,
    record_performance,
)
from mediation.services._consultations import (
    close_consultation,
    complete_decision,
    convene_consultation,
    decide,
    put_on_agenda,
)
from mediation.services._sessions import (
    SessionPlan,
    SessionRecord,
    convene_session,
    end_open,
    record_session,
)

__all__ = [
    "AgreementDraft",
    "PartyDetails",
    "Promise",
    "SessionPlan",
    "SessionRecord",
    "close_consultation",
    "complete_decision",
    "conclude_agreement",
    "convene_consultation",
    "convene_session",
    "decide",
    "end_open",
    "put_on_agenda",
    "record_performance",
    "record_session",
]
