"""API log-in: a bearer token, or the page session; both yield one active post."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
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


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Token …，由 POST /api/v1/token/ 取得，12小时有效",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of the pages' session."""

    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
