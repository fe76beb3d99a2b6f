"""What every page knows: who acts, from where, and which instant it shows. Costs no query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from dispute_hub.accounts.middleware import POSTS_KEY
from dispute_hub.common import request_context, time
from dispute_hub.common.templatetags import _instants


@dataclass(frozen=True, slots=True)
class OfferedPost:
    """One post of the person's as the post menu shows it."""

    pk: int
    unit: str
    role: str


def frame(request: HttpRequest) -> dict[str, Any]:
    """actor (PostActor or None), actor_posts, request_id, now.

    The posts are those of the log-in: a post taken away since is refused when he switches to it.
    """
    now = time.now()
    _instants.render_at(now)
    actor = getattr(request, "actor", None)
    offered = request.session.get(POSTS_KEY, []) if actor is not None else []
    return {
        "actor": actor,
        "actor_posts": [OfferedPost(*row) for row in offered],
        "request_id": request_context.request_id.get(),
        "now": now,
    }
