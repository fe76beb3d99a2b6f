"""Verbs of accounts: log-in, API tokens, one effect per form."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.authentication import digest_of
from dispute_hub.accounts.models import AccessToken, Post, SubmittedForm, User
from dispute_hub.audit import services as audit
from dispute_hub.common.masks import redact

TOKEN_WITHIN = timedelta(hours=12)


@transaction.atomic
def issue_token(post: Post, *, at: datetime) -> tuple[str, AccessToken]:
    """A new API token for the post; the clear text is returned once and never stored."""
    clear = secrets.token_urlsafe(32)
    token = AccessToken.objects.create(
        digest=digest_of(clear), post=post, created_at=at, expires_at=at + TOKEN_WITHIN
    )
    audit.record(
        "login", actor_user_id=post.user_id, at=at, post_id=post.pk, unit_id=post.unit_id,
        data={"door": "token"},
    )  # fmt: skip
    return clear, token


def claim_form(token: uuid.UUID, *, actor: PostActor, at: datetime) -> bool:
    """True the first time this form token is seen; must run in the transaction of the form's effect."""
    try:
        with transaction.atomic():
            SubmittedForm.objects.create(token=token, user=actor.user, submitted_at=at)
    except IntegrityError:
        return False
    return True


def trace_login(post: Post, *, door: str, at: datetime, from_post_id: int | None = None) -> None:
    """A session now acts at this post: `door` is page, or switch with the post he left."""
    audit.record(
        "login",
        actor_user_id=post.user_id,
        at=at,
        post_id=post.pk,
        unit_id=post.unit_id,
        data={"door": door} | ({"from_post": from_post_id} if from_post_id else {}),
    )


def trace_failed_login(user: User | None, *, door: str, locked: bool, at: datetime) -> None:
    """A log-in failed; `user` is whose name was used. What was typed is never kept: it may be a password."""
    audit.record(
        "login_failed",
        actor_user_id=user.pk if user else None,
        at=at,
        data={"door": door, "locked": locked},
    )


def trace(
    kind: str,
    actor: PostActor,
    *,
    at: datetime,
    object_kind: str = "",
    object_id: object = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """What a person did, under the post in use; further as `audit.services.record`."""
    audit.record(
        kind,
        actor_user_id=actor.user.pk,
        at=at,
        post_id=actor.post.pk,
        unit_id=actor.unit.pk,
        object_kind=object_kind,
        object_id=object_id,
        data=data,
    )


def trace_logout(actor: PostActor, *, at: datetime) -> None:
    """The person left."""
    trace("logout", actor, at=at)


def trace_refusal(actor: PostActor, *, code: str, path: str, method: str, at: datetime) -> None:
    """Somebody tried what is outside his right or reach (promise A1); `path` carries no query.

    It is what somebody typed: a number looked for in the address bar is no more kept than one searched.
    """
    said = {"code": code, "method": method}
    trace("refusal", actor, at=at, object_kind="path", object_id=redact(path)[:64], data=said)
