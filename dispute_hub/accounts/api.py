"""API log-in: name and password for a bearer token of one post."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts import entry, services
from dispute_hub.common import time
from dispute_hub.common.api import StrictChar, StrictInteger


class Password(serializers.CharField):
    """A JSON string taken as it is: nothing trimmed, nothing converted."""

    default_error_messages = {"not_text": "应为文字（JSON 字符串）。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=1000, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)


class TokenRequest(serializers.Serializer[Any]):
    """`post` is the id of one of the person's posts; without it the primary one."""

    username = StrictChar(max_length=60)
    password = Password()
    post = StrictInteger(required=False)


class PostAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    unit = serializers.CharField(source="unit.code")
    role = serializers.CharField()


class TokenAnswer(serializers.Serializer[Any]):
    """`posts` lists what `post` may name; the token acts at the first."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    posts = PostAnswer(many=True)


class TokenView(APIView):
    """`POST /token/`."""

    act = "public"
    authentication_classes = ()

    @extend_schema(request=TokenRequest, responses=TokenAnswer)
    def post(self, request: Request) -> Response:
        at = time.now()
        wanted = TokenRequest(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        user = entry.check_password(
            request._request, given["username"], given["password"], door="token", at=at
        )
        posts = entry.posts_of(user, first=given.get("post"), at=at)
        clear, token = services.issue_token(posts[0], at=at)
        answer = {"token": clear, "expires_at": token.expires_at, "posts": posts}
        return Response(TokenAnswer(answer).data)
