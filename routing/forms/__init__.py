"""Forms of the routing stage; one private module per family."""

from routing.forms._orders import DecideForm, OrderForm, order_form, order_forms, until_of
from routing.forms._pushes import FeedbackForm, OnBehalfForm
from routing.forms._third_push import SECTIONS, DiversionForm, ThirdPushForm
from routing.forms._tracking import ConfirmForm, ContactForm, SettleForm

__all__ = [
    "SECTIONS",
    "ConfirmForm",
    "ContactForm",
    "DecideForm",
    "DiversionForm",
    "FeedbackForm",
    "OnBehalfForm",
    "OrderForm",
    "SettleForm",
    "ThirdPushForm",
    "order_form",
    "order_forms",
    "until_of",
]
