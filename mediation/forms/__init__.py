"""What people type about sessions, agreements and consultations."""

from mediation.forms._agreements import AgreementEditor, ConfirmationForm, PerformanceForm
from mediation.forms._consultations import (
    AgendaForm,
    CompletionForm,
    ConveneConsultationForm,
    DecisionForm,
    MinutesForm,
)
from mediation.forms._sessions import ConveneForm, RecordForm

__all__ = [
    "AgendaForm",
    "AgreementEditor",
    "CompletionForm",
    "ConfirmationForm",
    "ConveneConsultationForm",
    "ConveneForm",
    "DecisionForm",
    "MinutesForm",
    "PerformanceForm",
    "RecordForm",
]
