"""`/pushes/{id}/…`: read, sign, arrive, feed back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.common import time
from dispute_hub.common.api import StrictChar
from routing import selectors, services
from routing.models import Push


class PushAnswer(serializers.ModelSerializer[Push]):
    """Where a push stands; people as labels, no personal data of parties."""

    case_no = serializers.CharField(source="case.case_no")
    case_status = serializers.CharField(source="case.status")
    signed_by = serializers.StringRelatedField[Any]()
    sign_due_at = serializers.SerializerMethodField()

    class Meta:
        model = Push
        fields = (
            "id", "tier", "status", "case_no", "case_status", "colour", "entry", "entries", "issued_at",
            "sign_due_at", "signed_at", "signed_by", "signed_how", "arrived_at", "reported_at", "outcome",
        )  # fmt: skip

    def get_sign_due_at(self, push: Push) -> str | None:
        due_at = selectors.sign_due_at(push)
        return due_at.isoformat() if due_at else None


class SignRequest(serializers.Serializer[Any]):
    """`on_behalf_of` is a police number; `how` (radio, phone) goes with it."""

    on_behalf_of = StrictChar(required=False, default="", allow_blank=True, max_length=20)
    how = serializers.ChoiceField(Push.How.choices, required=False, default="", allow_blank=True)


class Reason(StrictChar):
    """建议二推: the reason, or `true` when the text of the feedback is the reason."""

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool):
            return str(self.parent.initial_data.get("text", ""))[:400] if data else ""
        return super().to_internal_value(data)


class FeedbackRequest(serializers.Serializer[Any]):
    """The outcome of a dispatch (handbook 4)."""

    outcome = serializers.ChoiceField(Push.Outcome.choices)
    text = StrictChar(max_length=2000)
    officers = serializers.ListField(child=StrictChar(max_length=20), required=False, max_length=20)
    confirmed_item = StrictChar(required=False, default="", allow_blank=True, max_length=8)
    suggest_push_second = Reason(required=False, default="", allow_blank=True, max_length=400)


class PushView(APIView):
    """`GET /pushes/{id}/`."""

    acts = {"GET": "push.read"}

    @extend_schema(responses=PushAnswer)
    def get(self, request: Request, push_id: int) -> Response:
        push = selectors.get_push(actor_of(request), push_id, at=time.now())
        return Response(PushAnswer(push).data)


class PushSignView(APIView):
    """`POST /pushes/{id}/sign/`."""

    acts = {"POST": "push.sign"}

    @extend_schema(request=SignRequest, responses=PushAnswer)
    def post(self, request: Request, push_id: int) -> Response:
        actor, at = actor_of(request), time.now()
        push = selectors.get_push(actor, push_id, at=at)
        asked = SignRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        services.sign_push(push, actor=actor, at=at, **asked.validated_data)
        return Response(PushAnswer(selectors.get_push(actor, push_id, at=at)).data)


class PushArriveView(APIView):
    """`POST /pushes/{id}/arrive/`."""

    acts = {"POST": "push.arrive"}

    @extend_schema(request=None, responses=PushAnswer)
    def post(self, request: Request, push_id: int) -> Response:
        actor, at = actor_of(request), time.now()
        push = selectors.get_push(actor, push_id, at=at)
        services.arrive(push, actor=actor, at=at)
        return Response(PushAnswer(selectors.get_push(actor, push_id, at=at)).data)


class PushFeedbackView(APIView):
    """`POST /pushes/{id}/feedback/`."""

    acts = {"POST": "push.feed_back"}

    @extend_schema(request=FeedbackRequest, responses=PushAnswer)
    def post(self, request: Request, push_id: int) -> Response:
        actor, at = actor_of(request), time.now()
        push = selectors.get_push(actor, push_id, at=at)
        told = FeedbackRequest(data=request.data)
        told.is_valid(raise_exception=True)
        services.feed_back(push, actor=actor, at=at, **told.validated_data)
        return Response(PushAnswer(selectors.get_push(actor, push_id, at=at)).data)
