"""`/cases/{case_no}/contacts|settle|confirm|case-files/`: what the holder does with a tracked case."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import SettleHow, Status
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.api import StrictChar, StrictInteger
from routing import selectors, services
from routing.models import CaseFile, CaseFileStep


class CaseState(serializers.Serializer[Any]):
    """Where the case stands after the act."""

    case_no = serializers.CharField()
    status = serializers.CharField()
    version = serializers.IntegerField()
    colour = serializers.CharField()


class ContactRequest(serializers.Serializer[Any]):
    """How the parties were reached, and what was said."""

    mode = serializers.ChoiceField(services.ContactMode.choices)
    text = StrictChar(max_length=2000)


class SettleRequest(serializers.Serializer[Any]):
    """How the dispute ended (SettleHow)."""

    how = serializers.ChoiceField(SettleHow.choices)
    text = StrictChar(max_length=2000)
    agreement_no = StrictChar(required=False, allow_blank=True, max_length=30)
    version = StrictInteger(required=False)


class ConfirmRequest(serializers.Serializer[Any]):
    """`as` is a Python keyword, so the field is added under its API name below."""

    text = StrictChar(max_length=2000)
    version = StrictInteger(required=False)

    def get_fields(self) -> dict[str, Any]:
        choices = [(Status.NOT_DISPUTE.value, "非纠纷"), (Status.VOID.value, "无效")]
        return {"as": serializers.ChoiceField(choices, source="as_status"), **super().get_fields()}


class CaseFileRequest(serializers.Serializer[Any]):
    """One step of the file."""

    step = serializers.ChoiceField(CaseFileStep.Step.choices)
    kind = serializers.ChoiceField(CaseFile.Kind.choices, required=False, default="")
    number = StrictChar(required=False, default="", allow_blank=True, max_length=60)
    decision = serializers.ChoiceField(CaseFileStep.Decision.choices, required=False, default="")
    text = StrictChar(required=False, default="", allow_blank=True, max_length=400)


class ContactView(APIView):
    """`POST /cases/{case_no}/contacts/`: 电话记录 or 走访, which answers push 2."""

    acts = {"POST": "case.contact"}

    @extend_schema(request=ContactRequest, responses={201: CaseState})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        told = ContactRequest(data=request.data)
        told.is_valid(raise_exception=True)
        services.record_contact(case, actor=actor, at=at, **told.validated_data)
        return Response(CaseState(get_case(actor, case_no, at=at)).data, status=201)


class SettleView(APIView):
    """`POST /cases/{case_no}/settle/`."""

    acts = {"POST": "case.settle"}

    @extend_schema(request=SettleRequest, responses=CaseState)
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        told = SettleRequest(data=request.data)
        told.is_valid(raise_exception=True)
        agreement = {"agreement_no": told.validated_data.pop("agreement_no", "")}
        cases.settle(case, actor=actor, at=at, data=agreement, **told.validated_data)
        return Response(CaseState(get_case(actor, case_no, at=at)).data)


class ConfirmView(APIView):
    """`POST /cases/{case_no}/confirm/`: the command room confirms 非纠纷, or 无效 after a call-back."""

    acts = {"POST": "case.confirm_not_dispute"}

    @extend_schema(request=ConfirmRequest, responses=CaseState)
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        told = ConfirmRequest(data=request.data)
        told.is_valid(raise_exception=True)
        cases.confirm_no_dispute(case, actor=actor, at=at, **told.validated_data)
        return Response(CaseState(get_case(actor, case_no, at=at)).data)


class CaseFileView(APIView):
    """`POST /cases/{case_no}/case-files/`: one step of the file beside the dispute."""

    acts = {"POST": "case_file.record"}

    @extend_schema(request=CaseFileRequest, responses={201: CaseState})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        told = CaseFileRequest(data=request.data)
        told.is_valid(raise_exception=True)
        file = selectors.open_file_of(case)
        services.record_case_file_step(case, file=file, actor=actor, at=at, **told.validated_data)
        return Response(CaseState(get_case(actor, case_no, at=at)).data, status=201)
