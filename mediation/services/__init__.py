"""Verbs of mediation and consultation."""

from mediation.services._agreements import (
    CONCLUDED_IN,
    AgreementDraft,
    PartyDetails,
    Promise,
    conclude_agreement,
)
from mediation.services._consultations import (
    LEVELS_OF,
    Task,
    bring_to_consultation,
    close_consultation,
    complete_decision,
    convene_consultation,
    decide,
    drop_requested,
    list_requested,
    put_many_on_agenda,
    put_on_agenda,
)
from mediation.services._papers import (
    clear_orphan_files,
    fetch_paper,
    make_agreement_paper,
    make_record_paper,
)
from mediation.services._performance import lapse_confirmations, record_confirmation, record_performance
from mediation.services._sessions import (
    SessionPlan,
    SessionRecord,
    convene_session,
    end_open,
    record_session,
)

__all__ = [
    "CONCLUDED_IN",
    "LEVELS_OF",
    "AgreementDraft",
    "PartyDetails",
    "Promise",
    "SessionPlan",
    "SessionRecord",
    "Task",
    "bring_to_consultation",
    "clear_orphan_files",
    "close_consultation",
    "complete_decision",
    "conclude_agreement",
    "convene_consultation",
    "convene_session",
    "decide",
    "drop_requested",
    "end_open",
    "fetch_paper",
    "lapse_confirmations",
    "list_requested",
    "make_agreement_paper",
    "make_record_paper",
    "put_many_on_agenda",
    "put_on_agenda",
    "record_confirmation",
    "record_performance",
    "record_session",
]
