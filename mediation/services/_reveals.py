"""A number behind its mask: one field, one purpose, one trace (reliability 4.1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.cases.models import Party
from dispute_hub.common.errors import Invalid


@transaction.atomic
def reveal_party_phone(party: Party, *, purpose: str, actor: PostActor, at: datetime) -> str:
    """The party's number in clear; who looked, when and what for stays on record."""
    policy.require(actor, "party.reveal", at=at)
    if not purpose:
        raise Invalid("请选择查看用途。", fields={"purpose": ["请选择查看用途。"]})
    audit.record(
        "reveal", actor_user_id=actor.user.pk, at=at, post_id=actor.post.pk, unit_id=actor.unit.pk,
        object_kind="party", object_id=party.pk, data={"field": "phone", "purpose": purpose[:20]},
    )  # fmt: skip
    return str(party.phone)
