"""API doors of the routing stage; one private module per family."""

from routing.api._cases import CaseFileView, ConfirmView, ContactView, SettleView
from routing.api._orders import ORDER_ACTS, DivertView, OrderView, ThirdPushView
from routing.api._pushes import PushArriveView, PushFeedbackView, PushSignView, PushView
from routing.api._sheets import SheetSignView, SheetView

__all__ = [
    "ORDER_ACTS",
    "CaseFileView",
    "ConfirmView",
    "ContactView",
    "DivertView",
    "OrderView",
    "PushArriveView",
    "PushFeedbackView",
    "PushSignView",
    "PushView",
    "SettleView",
    "SheetSignView",
    "SheetView",
    "ThirdPushView",
]
