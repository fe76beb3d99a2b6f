"""What an officer's phone takes along: key, open cards, the page without network, its service worker."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static

from dispute_hub.accounts.doors import actor_of, door, phone_owner, polled
from dispute_hub.common import crypto, time
from routing import selectors
from routing.views._pushes import blank_forms

MOST_KEPT = 10
# What the page without network needs. Icons and charts are left out: they weigh more than all the rest.
FILES: Final = (
    "vendor/tabler/css/tabler.min.css", "hub/app.css", "hub/components.css", "hub/field.css",
    "hub/clocks.js", "hub/page.js", "hub/toast.js", "hub/phrases.js", "hub/field-store.js", "hub/field.js",
)  # fmt: skip


@polled
@door("push.read")
def push_field(request: HttpRequest) -> HttpResponse:
    """JSON for the phone: whose it is, the key that seals what lies on it, a CSRF token, his open cards.

    The key is the post's: whoever finds the phone has sealed bytes, and the same officer reads them again
    after he logged in anew.
    """
    actor = actor_of(request)
    told: dict[str, Any] = {
        "owner": phone_owner(actor),
        "key": base64.b64encode(crypto.lent_key(f"post:{actor.post.pk}")).decode(),
        "csrf": get_token(request),
    }
    if request.GET.get("cards") != "0":
        told["cards"] = _cards(request)
    return JsonResponse(told)


def _cards(request: HttpRequest) -> list[dict[str, Any]]:
    """The page of each open push of his, as it would be shown."""
    actor, at = actor_of(request), time.now()
    pushes = list(selectors.kept_pushes_for(actor, at=at)[:MOST_KEPT])
    return [
        {
            "push": said["push"].pk,
            "title": said["push"].case.case_no,
            "html": render_to_string("routing/_push_body.html", said | blank_forms(), request),
        }
        for said in selectors.pages_of(actor, pushes, at=at)
    ]


@door("push.read")
def push_offline(request: HttpRequest) -> HttpResponse:
    """The frame without anything of anybody, kept by the service worker."""
    return render(request, "routing/push_offline.html")


@door("push.read")
def push_worker(request: HttpRequest) -> HttpResponse:
    """The service worker; below /pushes/, so that it never stands before another page."""
    files = [static(name) for name in FILES]
    text = render_to_string("routing/push_worker.js", {"files": files})
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return HttpResponse(text.replace("@version", version), content_type="text/javascript; charset=utf-8")
