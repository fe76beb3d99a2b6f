"""Mediation and consultation."""

from mediation.models._consultations import AgendaEntry, Consultation, ConsultationLevel, Decision
from mediation.models._sessions import (
    Agreement,
    AgreementParty,
    AgreementStatus,
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
    "Consultation",
    "ConsultationLevel",
    "Decision",
    "ItemStatus",
    "MediationSession",
    "Mediator",
    "PerformanceItem",
    "SessionKind",
    "SessionOrigin",
    "SessionResult",
    "SessionStatus",
]
