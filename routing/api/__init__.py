"""API doors of the routing stage; one private module per family."""

from routing.api._cases import CaseFileView, ConfirmView, ContactView, SettleView
from routing.api._pushes import PushArriveView, PushFeedbackView, PushSignView, PushView

__all__ = [
    "CaseFileView",
    "ConfirmView",
    "ContactView",
    "PushArriveView",
    "PushFeedbackView",
    "PushSignView",
    "PushView",
    "SettleView",
]
