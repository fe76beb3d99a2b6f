"""Forms of the routing stage; one private module per family."""

from routing.forms._assisting import ASSIST_FORMS, AssistForm, assist_forms
from routing.forms._counter_orders import (
    COUNTER_FORMS,
    CounterForm,
    UrgeForm,
    WatcherForm,
    counter_forms,
)
from routing.forms._diversions import (
    DeliverForm,
    ProposeDiversionForm,
    RefuseDiversionForm,
    ThreePartyCallForm,
)
from routing.forms._emergencies import BeginForm, CommanderForm, EndForm, ReportForm
from routing.forms._handovers import HandoverForm
from routing.forms._order_base import OrderForm
from routing.forms._orders import DecideForm, DecideInListForm, TaskForm, order_form, order_forms, until_of
from routing.forms._phone_approvals import PhoneForm
from routing.forms._pushes import (
    AnswerForm,
    CrewTextForm,
    FeedbackForm,
    ObjectionForm,
    OnBehalfForm,
    ReinforcementForm,
)
from routing.forms._stepping_aside import JurisdictionForm, MoveForm, RecusalForm, RedirectForm, StationForm
from routing.forms._third_push import SECTIONS, DiversionForm, ThirdPushForm, typed
from routing.forms._tracking import AssignForm, ConfirmForm, ContactForm, SettleForm

__all__ = [
    "ASSIST_FORMS",
    "COUNTER_FORMS",
    "SECTIONS",
    "AnswerForm",
    "AssignForm",
    "AssistForm",
    "BeginForm",
    "CommanderForm",
    "ConfirmForm",
    "ContactForm",
    "CounterForm",
    "CrewTextForm",
    "DecideForm",
    "DecideInListForm",
    "DeliverForm",
    "DiversionForm",
    "EndForm",
    "FeedbackForm",
    "HandoverForm",
    "JurisdictionForm",
    "MoveForm",
    "ObjectionForm",
    "OnBehalfForm",
    "OrderForm",
    "PhoneForm",
    "ProposeDiversionForm",
    "RecusalForm",
    "RedirectForm",
    "RefuseDiversionForm",
    "ReinforcementForm",
    "ReportForm",
    "SettleForm",
    "StationForm",
    "TaskForm",
    "ThirdPushForm",
    "ThreePartyCallForm",
    "UrgeForm",
    "WatcherForm",
    "assist_forms",
    "counter_forms",
    "order_form",
    "order_forms",
    "typed",
    "until_of",
]
