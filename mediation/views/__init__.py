"""Pages of mediation and consultation."""

from mediation.views._agreements import (
    agreement_detail,
    agreement_docx,
    agreement_print,
    confirm,
    new_agreement,
    paper_file,
    perform,
)
from mediation.views._consultations import (
    add_to_agenda,
    close,
    complete,
    consultation_detail,
    consultation_list,
    decide,
    decision_list,
)
from mediation.views._sessions import (
    convene,
    record_docx,
    record_print,
    reveal,
    session_detail,
    session_list,
)

__all__ = [
    "add_to_agenda",
    "agreement_detail",
    "agreement_docx",
    "agreement_print",
    "close",
    "complete",
    "confirm",
    "consultation_detail",
    "consultation_list",
    "convene",
    "decide",
    "decision_list",
    "new_agreement",
    "paper_file",
    "perform",
    "record_docx",
    "record_print",
    "reveal",
    "session_detail",
    "session_list",
]
