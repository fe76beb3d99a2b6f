"""API doors of the follow-up: the result of one, and the chief's approval of a closing (design, API v1)."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.cases import services as cases
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.api import StrictBoolean, StrictChar, StrictInteger
from followup import selectors, services
from followup.models import Mode, Satisfaction, Side
from followup.services import Answers


class ResultRequest(serializers.Serializer[Any]):
    """What was asked. Without `side` the same answers stand for both sides."""

    mode = serializers.ChoiceField(choices=Mode.choices)
    result_kept = StrictBoolean(required=False, allow_null=True)
    agreement_performed = StrictBoolean(required=False, allow_null=True)
    knot = StrictBoolean(required=False, allow_null=True)
    new_dispute = StrictBoolean(required=False, allow_null=True)
    escalation = StrictBoolean(required=False)
    declined = StrictBoolean(required=False)
    satisfaction = serializers.ChoiceField(choices=Satisfaction.choices, required=False, allow_blank=True)
    text = StrictChar(max_length=2000, required=False, allow_blank=True)
    side = serializers.ChoiceField(choices=Side.choices, required=False)

    def answers(self) -> list[Answers]:
        """One entry for each side that was asked."""
        given = {name: value for name, value in self.validated_data.items() if name not in ("side", "text")}
        sides = [self.validated_data["side"]] if "side" in self.validated_data else list(Side.values)
        return [Answers(side=side, **given) for side in sides]


class ResultView(APIView):
    """`POST /follow-ups/{id}/result/`: 200 with what became of the follow-up and its case."""

    acts: ClassVar = {"POST": "follow_up.record"}

    @extend_schema(request=ResultRequest, responses={200: dict})
    def post(self, request: Request, follow_up_id: int) -> Response:
        actor, at = actor_of(request), time.now()
        follow_up = selectors.get_follow_up(actor, follow_up_id, at=at)
        wanted = ResultRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        text = wanted.validated_data.get("text", "")
        done = services.record_result(follow_up, answers=wanted.answers(), text=text, actor=actor, at=at)
        return Response(selectors.answer_of(done))


class CloseRequest(serializers.Serializer[Any]):
    version = StrictInteger(required=False)


class CloseView(APIView):
    """`POST /cases/{case_no}/close/`: the chief approves that a red or orange case is closed."""

    acts: ClassVar = {"POST": "case.approve_close"}

    @extend_schema(request=CloseRequest, responses={200: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        case = get_case(actor, case_no, at=at)
        wanted = CloseRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        cases.approve_close(case, actor=actor, at=at, version=wanted.validated_data.get("version"))
        return Response({"case_no": case.case_no, "status": "closed"})
