"""Platforms call back: signed, recorded, applied only forwards."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from dispute_hub.common import time
from dispute_hub.outbox import services


class PlatformCallbacks(APIView):
    """Signed by Standard Webhooks over the raw body: `{"id", "status"}` of one of our messages."""

    act = "public"
    authentication_classes = ()
    reads_raw_body = True

    @extend_schema(request=dict, responses={200: dict, 401: dict, 409: dict})
    def post(self, request: Request, code: str) -> HttpResponse:
        at, raw = time.now(), request._request.body
        connector, callback_id = services.verify_callback(code, request.headers, raw, at=at)
        kind = request.headers.get("Content-Type", "")
        told = services.take_callback(connector, callback_id, raw, content_type=kind, at=at)
        return HttpResponse(services.answer_bytes(told), status=told.status, content_type="application/json")
