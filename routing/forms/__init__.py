"""Forms of the routing stage; one private module per family."""

from routing.forms._emergencies import BeginForm, CommanderForm, EndForm, ReportForm
from routing.forms._orders import DecideForm, OrderForm, order_form, order_forms, until_of
from routing.forms._pushes import (
    AnswerForm,
    CrewTextForm,
    FeedbackForm,
    ObjectionForm,
    OnBehalfForm,
    ReinforcementForm,
)
from routing.forms._third_push import SECTIONS, DiversionForm, ThirdPushForm
from routing.forms._tracking import ConfirmForm, ContactForm, SettleForm

__all__ = [
    "SECTIONS",
    "BeginForm",
    "CommanderForm",
    "ConfirmForm",
    "ContactForm",
    "DecideForm",
    "DiversionForm",
    "EndForm",
    "AnswerForm",
    "CrewTextForm",
    "FeedbackForm",
    "ObjectionForm",
    "ReinforcementForm",
    "OnBehalfForm",
    "OrderForm",
    "ReportForm",
    "SettleForm",
    "ThirdPushForm",
    "order_form",
    "order_forms",
    "until_of",
]
