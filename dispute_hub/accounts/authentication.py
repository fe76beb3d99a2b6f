"""API log-in: a bearer token, or the page session; both yield one active post."""

from __future__ import annotations

import hashlib
from typing import Any

from rest_framework import authentication, exceptions
from rest_framework.request import Request

from dispute_hub.accounts import selectors
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common import time


def digest_of(token: str) -> bytes:
    """What is stored instead of the token."""
    return hashlib.sha256(token.encode()).digest()


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Token …`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "token":
            return None
        post = selectors.token_post(digest_of(token.strip()), time.now())
        if post is None:
            raise exceptions.AuthenticationFailed("登录凭证无效或已过期，请重新获取。")
        request._request.actor = PostActor(post.user, post)  # type: ignore[attr-defined]
        return post.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class SessionAuthentication(authentication.SessionAuthentication):
    """The session of the pages, with its CSRF check; the post comes from ActorMiddleware."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        actor = getattr(request._request, "actor", None)
        if actor is None:
            return None
        self.enforce_csrf(request)
        return actor.user, None
