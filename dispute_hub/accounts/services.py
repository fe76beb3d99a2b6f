"""Verbs of accounts: log-in, API tokens, one effect per form."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.authentication import digest_of
from dispute_hub.accounts.models import AccessToken, Post, SubmittedForm
from dispute_hub.audit import services as audit

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
