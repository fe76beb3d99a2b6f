"""Puts the acting post on every request: `request.actor` is a PostActor, or None."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from dispute_hub.accounts import selectors
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import ADMINISTRATORS, Post, User
from dispute_hub.common import time

POST_KEY = "hub_post_id"
POSTS_KEY = "hub_posts"
STARTED_KEY = "hub_started_at"
SEEN_KEY = "hub_seen_at"
# reliability S5: a session ends after twelve hours, however busy it is, and when nobody uses it.
ABSOLUTE_WITHIN = timedelta(hours=12)
IDLE_WITHIN = timedelta(minutes=30)
IDLE_ADMINISTRATOR_WITHIN = timedelta(minutes=15)
# A busy session is written once a minute, not with each page.
TOUCH_WITHIN = timedelta(minutes=1)


class ActorMiddleware:
    """One query a request; a removed post, disabled account or new password ends the rights at once (S5)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Note that somebody is there. What a page fetches by itself (`doors.polled`) is not somebody."""
        if request.actor is None or getattr(view, "polled", False):  # type: ignore[attr-defined]
            return
        at, seen = time.now(), request.session.get(SEEN_KEY)
        if seen is not None and at - time.parse_instant(seen) > TOUCH_WITHIN:
            request.session[SEEN_KEY] = at.isoformat()

    def _actor(self, request: HttpRequest) -> PostActor | None:
        if SESSION_KEY not in request.session or POST_KEY not in request.session:
            return None
        at = time.now()
        if _since(request.session, STARTED_KEY, at) > ABSOLUTE_WITHIN:
            return None
        post = selectors.live_posts(at).filter(pk=request.session[POST_KEY]).first()
        return actor_of(request.session, post, at=at)


def actor_of(session: Any, post: Post | None, *, at: datetime) -> PostActor | None:
    """Who acts in a session whose live post is `post`; None when it is over, idle or not his any more."""
    if post is None or str(post.user_id) != session.get(SESSION_KEY):
        return None
    if _since(session, STARTED_KEY, at) > ABSOLUTE_WITHIN:
        return None
    idle_within = IDLE_ADMINISTRATOR_WITHIN if post.role in ADMINISTRATORS else IDLE_WITHIN
    if _since(session, SEEN_KEY, at) > idle_within or not _password_unchanged(session, post.user):
        return None
    return PostActor(post.user, post)


def _since(session: Any, key: str, at: datetime) -> timedelta:
    instant = session.get(key)
    return at - time.parse_instant(instant) if instant else timedelta.max


def _password_unchanged(session: Any, user: User) -> bool:
    known = session.get(HASH_SESSION_KEY, "")
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(known, one) for one in hashes)
