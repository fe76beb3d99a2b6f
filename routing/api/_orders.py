"""`/cases/{case_no}/third-push|divert/` and `/work-orders/{no}/…`: push 3 for machines. Units by code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.accounts.models import Unit
from dispute_hub.accounts.selectors import unit_by_code
from dispute_hub.cases.models import SettleHow
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.api import StrictBoolean, StrictChar, StrictInteger
from dispute_hub.common.errors import Invalid
from routing import forms, selectors, services
from routing.models import Difficulty, Grade, HandoverNotice, OrderContact, OrderUnit, ReturnReason, WorkOrder


@extend_schema_field(str)
class UnitCode(serializers.Field):  # type: ignore[type-arg]
    """The code of an active unit, read as the unit."""

    default_error_messages = {"unknown_unit": "没有此单位编码，请核对。"}

    def to_internal_value(self, data: Any) -> Unit:
        unit = unit_by_code(StrictChar(max_length=40).run_validation(data))
        if unit is None:
            self.fail("unknown_unit")
        return unit


# A machine may leave the kind to the procedure under way.
PROPOSED_KINDS = [("", ""), ("third_push", "三推交办"), ("notice_only", "抄告")]


def _codes() -> Any:
    return serializers.ListField(child=UnitCode(), required=False, max_length=20, default=list)


class ReportRequest(serializers.Serializer[Any]):
    """The six sections of an analysis report."""

    facts = StrictChar(max_length=4000)
    causes = StrictChar(max_length=4000)
    risk = StrictChar(max_length=4000)
    work_done = StrictChar(max_length=4000)
    suggestions = StrictChar(max_length=4000)
    attachments = serializers.ListField(child=StrictChar(max_length=200), required=False, max_length=20)


class ThirdPushRequest(serializers.Serializer[Any]):
    """`addressee` defaults to the centre of the case's street; `lead_unit` is a proposal."""

    grade = serializers.ChoiceField(Grade.choices)
    difficulty = serializers.ChoiceField(Difficulty.choices)
    report = ReportRequest()
    addressee = UnitCode(required=False, allow_null=True)
    lead_unit = UnitCode(required=False, allow_null=True)
    assisting_units = _codes()
    demand = StrictChar(required=False, default="", allow_blank=True, max_length=1000)
    kind = serializers.ChoiceField(PROPOSED_KINDS, required=False, default="")
    both_applied = StrictBoolean(required=False, default=False)
    applied_text = StrictChar(required=False, default="", allow_blank=True, max_length=500)
    version = StrictInteger(required=False)

    def draft(self) -> services.ThirdPushDraft:
        """The draft of `services.propose_third_push`."""
        given = dict(self.validated_data)
        report = dict(given.pop("report"))
        text = services.ReportText(**{**report, "attachments": tuple(report.get("attachments", ()))})
        given.pop("version", None)
        return services.ThirdPushDraft(report=text, assisting=tuple(given.pop("assisting_units")), **given)


class DivertRequest(serializers.Serializer[Any]):
    target = UnitCode()
    reason = StrictChar(max_length=500)
    demand = StrictChar(required=False, default="", allow_blank=True, max_length=1000)
    delivery = serializers.ChoiceField(HandoverNotice.Delivery.choices, required=False, default="")
    version = StrictInteger(required=False)


class Nothing(serializers.Serializer[Any]):
    """An act that needs no words."""


class TextRequest(serializers.Serializer[Any]):
    text = StrictChar(max_length=2000)


class ReturnRequest(TextRequest):
    reason_code = serializers.ChoiceField(ReturnReason.choices)


class TaskRequest(serializers.Serializer[Any]):
    """One unit's task; without words or day the order's own demand and result day stand."""

    unit = UnitCode()
    part = serializers.ChoiceField(OrderUnit.Part.choices, required=False, default=OrderUnit.Part.ASSISTING)
    task = StrictChar(required=False, default="", allow_blank=True, max_length=200)
    due_on = serializers.DateField(required=False, allow_null=True)


class AssignRequest(serializers.Serializer[Any]):
    """`tasks` one by one, or in short `lead_unit` and `assisting_units` with one task and day for all."""

    tasks = TaskRequest(many=True, required=False)
    lead_unit = UnitCode(required=False)
    assisting_units = _codes()
    task = StrictChar(required=False, default="", allow_blank=True, max_length=200)
    due_on = serializers.DateField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "tasks" in attrs:
            return {"tasks": [services.TaskDraft(**one) for one in attrs["tasks"]]}
        if "lead_unit" not in attrs:
            raise serializers.ValidationError({"lead_unit": ["请选择一个牵头单位。"]})
        shared = {"task": attrs["task"], "due_on": attrs.get("due_on")}
        lead = services.TaskDraft(attrs["lead_unit"], OrderUnit.Part.LEAD, **shared)
        others = dict.fromkeys(attrs["assisting_units"])
        others.pop(lead.unit, None)
        return {"tasks": [lead, *(services.TaskDraft(unit, **shared) for unit in others)]}


class TaskDoneRequest(TextRequest):
    """One unit's part is done, or with `excuse` no longer needed."""

    task_id = StrictInteger()


class OrderContactRequest(serializers.Serializer[Any]):
    """One side reached: `side` counts the parties of the case, witnesses apart, from 1."""

    side = StrictInteger()
    mode = serializers.ChoiceField(OrderContact.Mode.choices)
    said = StrictChar(max_length=1000)


class ExtendRequest(serializers.Serializer[Any]):
    """`until` is a day, which counts until its 24:00, or an instant with its offset."""

    until = StrictChar(max_length=40)
    reason = StrictChar(max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            until_at = forms.until_of(attrs["until"])
        except Invalid as refusal:
            raise serializers.ValidationError({"until": [refusal.message]}) from refusal
        return {"until_at": until_at, "reason": attrs["reason"]}


class SettleOrderRequest(TextRequest):
    how = serializers.ChoiceField(SettleHow.choices)


class VerifyRequest(TextRequest):
    """`contacts`: what each side said; to confirm, every side of the case must have been reached."""

    accepted = StrictBoolean()
    contacts = OrderContactRequest(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        contacts = [services.SideSaid(**one) for one in attrs.get("contacts", [])]
        return {**attrs, "contacts": contacts}


class ThirdPushView(APIView):
    """`POST /cases/{case_no}/third-push/` → 201 `{no, status, case_no, approve_due_at, …}`."""

    acts: ClassVar = {"POST": "third_push.propose"}

    @extend_schema(request=ThirdPushRequest, responses={201: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        told = ThirdPushRequest(data=request.data)
        told.is_valid(raise_exception=True)
        version = told.validated_data.get("version")
        order = services.propose_third_push(case, told.draft(), actor=actor, at=at, version=version)
        return Response(selectors.answer_of(order, selectors.clocks_of_order(order)), status=201)


class DivertView(APIView):
    """`POST /cases/{case_no}/divert/ {target, reason}`."""

    acts: ClassVar = {"POST": "case.divert"}

    @extend_schema(request=DivertRequest, responses={201: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = selectors.case_to_divert(actor, case_no, at=at)
        told = DivertRequest(data=request.data)
        told.is_valid(raise_exception=True)
        given = dict(told.validated_data)
        version = given.pop("version", None)
        order = services.divert(case, services.Diversion(**given), actor=actor, at=at, version=version)
        return Response(selectors.answer_of(order, selectors.clocks_of_order(order)), status=201)


class OrderView(APIView):
    """`GET /work-orders/{no}/`: where it stands, and the packet as this post may see it."""

    acts: ClassVar = {"GET": "order.read"}

    @extend_schema(responses=dict)
    def get(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        order = selectors.get_order(actor, no, at=time.now())
        said = selectors.answer_of(order, selectors.clocks_of_order(order))
        return Response({**said, "packet": selectors.packet_for(order, order.case, actor)})


class _ActView(APIView):
    """One act on an order: load what the actor may see, call the service, answer with the order."""

    request_class: ClassVar[type[serializers.Serializer[Any]]]
    service: ClassVar[Callable[..., Any]]

    def post(self, request: Request, no: str) -> Response:
        actor, at = actor_of(request), time.now()
        order = selectors.get_order(actor, no, at=at)
        told = self.request_class(data=request.data)
        told.is_valid(raise_exception=True)
        type(self).service(order, actor=actor, at=at, **told.validated_data)
        return Response(_answer(actor, no, at))


def _answer(actor: Any, no: str, at: Any) -> dict[str, Any]:
    order: WorkOrder = selectors.get_order(actor, no, at=at)
    return selectors.answer_of(order, selectors.clocks_of_order(order))


def _act(act: str, wanted: type[serializers.Serializer[Any]], service: Callable[..., Any]) -> type[_ActView]:
    """The door of one act, described for the schema."""
    name = "".join(part.title() for part in service.__name__.split("_")) + "View"
    members = {
        "acts": {"POST": act},
        "request_class": wanted,
        "service": staticmethod(service),
        "__doc__": f"`POST /work-orders/{{no}}/…`: {(service.__doc__ or '').splitlines()[0]}",
        "__module__": __name__,
    }
    made: type[_ActView] = type(name, (_ActView,), members)
    return extend_schema(methods=["POST"], request=wanted, responses=dict)(made)


# The address of an act under /work-orders/{no}/ and its door.
ORDER_ACTS: dict[str, type[_ActView]] = {
    "approve": _act("third_push.approve", Nothing, services.approve_order),
    "reject": _act("third_push.approve", TextRequest, services.reject_order),
    "accept": _act("order.accept", Nothing, services.accept_order),
    "return": _act("order.return", ReturnRequest, services.return_order),
    "recall": _act("order.recall", TextRequest, services.recall_order),
    "assign": _act("order.assign", AssignRequest, services.assign_order),
    "contact": _act("order.contact", OrderContactRequest, services.record_order_contact),
    "task-done": _act("order.feed_back", TaskDoneRequest, services.complete_task),
    "task-excuse": _act("order.assign", TaskDoneRequest, services.excuse_task),
    "feedback": _act("order.feed_back", TextRequest, services.feed_back_order),
    "extend": _act("order.extend", ExtendRequest, services.extend_order),
    "settle": _act("order.settle", SettleOrderRequest, services.settle_order),
    "verify": _act("order.verify", VerifyRequest, services.verify_order),
}
