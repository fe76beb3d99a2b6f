"""`/healthz/*`: three depths of the same question, answered without a log-in."""

from django.http import HttpRequest, JsonResponse


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok", "checks": {}})


ready = deep = live
