"""Alerts come in: from machines by signature, from dispatchers by token or session."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.accounts.doors import actor_of
from dispute_hub.common import failpoints, time
from intake import selectors, services, signatures
from intake.api._answer import answer, item_class
from intake.message import AlertForm
from intake.models import Source

_ID = OpenApiParameter("Idempotency-Key", location=OpenApiParameter.HEADER, required=False)


class SourceAlerts(APIView):
    """Signed by Standard Webhooks over the raw body; what is signed but invalid is set aside (202)."""

    act = "public"
    authentication_classes = ()
    reads_raw_body = True

    @extend_schema(request=AlertForm, responses={201: dict, 200: dict, 202: dict, 401: dict, 409: dict})
    def post(self, request: Request, source: str) -> HttpResponse:
        at, raw = time.now(), request._request.body
        sender = selectors.source_by_code(source)
        secrets = selectors.live_secrets(sender)
        message_id = signatures.verify(request.headers, raw, secrets=secrets, at=at)
        envelope = services.Envelope(
            source=_known(sender),
            actor=SourceActor(source, sender.reception_id if sender else None),
            message_id=message_id,
            raw=raw,
            content_type=request.headers.get("Content-Type", ""),
            content_encoding=request.headers.get("Content-Encoding", ""),
        )
        return _told(services.accept_message(envelope, classify=item_class, answer=answer, at=at))


class Alerts(APIView):
    """A dispatcher's own program; the number and the instant of receipt may be left to us."""

    act = "alert.log"

    @extend_schema(request=AlertForm, parameters=[_ID], responses={201: dict, 200: dict, 409: dict})
    def post(self, request: Request) -> HttpResponse:
        actor, at = actor_of(request), time.now()
        key = request.headers.get("Idempotency-Key", "") or uuid.uuid4().hex
        envelope = services.Envelope(
            source=services.desk_of(actor.unit),
            actor=actor,
            message_id=f"{actor.user.pk}:{key}",
            raw=request._request.body,
            content_type=request.headers.get("Content-Type", ""),
            content_encoding=request.headers.get("Content-Encoding", ""),
            is_signed=False,
        )
        return _told(services.accept_message(envelope, classify=item_class, answer=answer, at=at))


def _known(sender: Source | None) -> Source:
    assert sender is not None, "no signature verifies without a source"
    return sender


def _told(accepted: services.Accepted) -> HttpResponse:
    failpoints.reach("intake.committed")
    response = HttpResponse(accepted.body, status=accepted.status, content_type="application/json")
    if accepted.is_replayed:
        response["Idempotent-Replayed"] = "true"
    return response
