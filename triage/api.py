"""API doors of triage: preview, colour, level (design, API v1)."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of
from dispute_hub.cases.models import Colour, Level
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.api import AwareInstant, StrictChar, StrictDecimal, StrictInteger
from triage import engine, selectors, services

# A raised value stands at once; a lower one is only asked for and waits for approval.
STATUS_CODE = {"approved": 200, "proposed": 202}


class PreviewRequest(serializers.Serializer[Any]):
    """The part of an alert's body that triage reads; anything else is ignored."""

    narrative = StrictChar(max_length=10_000, allow_blank=True)
    received_at = AwareInstant(required=False)
    stated_item = StrictChar(max_length=100, required=False, allow_blank=True)
    people_involved = StrictInteger(min_value=0, max_value=999_999, required=False, allow_null=True)
    amount = StrictDecimal(max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True)
    flags = serializers.ListField(child=StrictChar(max_length=20), max_length=50, required=False)


class PreviewView(APIView):
    """`POST /triage/preview/`: what the desk shows while typing; stores nothing."""

    acts: ClassVar = {"POST": "triage.preview"}

    @extend_schema(request=PreviewRequest, responses={200: dict})
    def post(self, request: Request) -> Response:
        at = time.now()
        policy.require(actor_of(request), self.acts["POST"], at=at)
        wanted = PreviewRequest(data=request.data, context={"at": at})
        wanted.is_valid(raise_exception=True)
        given = {"received_at": at, **wanted.validated_data}
        report = engine.Report(**{**given, "flags": tuple(given.get("flags", ()))})
        return Response(selectors.answer_of_verdict(services.preview(report)))


class RegradeRequest(serializers.Serializer[Any]):
    reason = StrictChar(max_length=500)
    version = StrictInteger(required=False)


class ColourRequest(RegradeRequest):
    colour = serializers.ChoiceField(choices=Colour.choices)


class LevelRequest(RegradeRequest):
    level = serializers.ChoiceField(choices=Level.choices)


class _RegradeView(APIView):
    acts: ClassVar[dict[str, str]]
    kind: ClassVar[str]
    request_class: ClassVar[type[RegradeRequest]]

    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        policy.require(actor, self.acts["POST"], at=at)
        case = get_case(actor, case_no, at=at)
        wanted = self.request_class(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = dict(wanted.validated_data)
        made = services.regrade(case, kind=self.kind, to=given.pop(self.kind), actor=actor, at=at, **given)
        return Response(selectors.answer_of_regrade(made), status=STATUS_CODE[made.status])


class ColourView(_RegradeView):
    """`POST /cases/{case_no}/colour/ {colour, reason}`: 200 raised, 202 waits for approval."""

    acts: ClassVar = {"POST": "colour.raise"}
    kind, request_class = "colour", ColourRequest

    @extend_schema(request=ColourRequest, responses={200: dict, 202: dict})
    def post(self, request: Request, case_no: str) -> Response:
        return super().post(request, case_no)


class LevelView(_RegradeView):
    """`POST /cases/{case_no}/level/ {level, reason}`: 200 raised, 202 waits for approval."""

    acts: ClassVar = {"POST": "level.propose"}
    kind, request_class = "level", LevelRequest

    @extend_schema(request=LevelRequest, responses={200: dict, 202: dict})
    def post(self, request: Request, case_no: str) -> Response:
        return super().post(request, case_no)
