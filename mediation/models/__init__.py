"""Mediation and consultation."""

from mediation.models._consultations import AgendaEntry, Consultation, ConsultationLevel, Decision
from mediation.models._papers import Paper, PaperKind
from mediation.models._sessions import (
    Agreement,
    AgreementParty,
    AgreementStatus,
    Confirmation,
    ItemStatus,
    MediationSession,
    Mediator,
    PerformanceItem,
    SessionKind,
    SessionOrigin,
    SessionResult,
    SessionStatus,
)

__all__ = [
    "AgendaEntry",
    "Agreement",
    "AgreementParty",
    "AgreementStatus",
    "Confirmation",
    "Consultation",
    "ConsultationLevel",
    "Decision",
    "ItemStatus",
    "MediationSession",
    "Mediator",
    "Paper",
    "PaperKind",
    "PerformanceItem",
    "SessionKind",
    "SessionOrigin",
    "SessionResult",
    "SessionStatus",
]
