"""Puts the acting post on every request: `request.actor` is a PostActor, or None."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from dispute_hub.accounts import selectors
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common import time

POST_KEY = "hub_post_id"
STARTED_KEY = "hub_started_at"
# reliability S5: a session ends after twelve hours, however busy it is; idle time is the cookie's age.
ABSOLUTE_WITHIN = timedelta(hours=12)


class ActorMiddleware:
    """One query a request; a removed post or disabled account ends the session's rights at once (S5)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _actor(self, request: HttpRequest) -> PostActor | None:
        if SESSION_KEY not in request.session or POST_KEY not in request.session:
            return None
        at = time.now()
        started = request.session.get(STARTED_KEY)
        if started is None or at - time.parse_instant(started) > ABSOLUTE_WITHIN:
            return None
        post = selectors.live_posts(at).filter(pk=request.session[POST_KEY]).first()
        if post is None or str(post.user_id) != request.session[SESSION_KEY]:
            return None
        return PostActor(post.user, post)
