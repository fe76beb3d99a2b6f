"""How a party is reached: the number behind a tap, and the safe way of contact."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Party
from dispute_hub.cases.services import Revealed
from dispute_hub.common.errors import Conflict
from followup.models import OPEN_FOLLOW_UPS, FollowUp


@transaction.atomic
def reveal_phone(
    follow_up: FollowUp, *, party: Party, purpose: str, actor: PostActor, at: datetime
) -> Revealed:
    """A party's number in clear while the follow-up is open; who looked and what for stays on record."""
    policy.require(actor, "follow_up.record", at=at)
    if follow_up.status not in OPEN_FOLLOW_UPS:
        raise Conflict("该回访已结束，不再提供电话。")
    case = follow_up.case
    return cases.reveal(party, case=case, field="phone", purpose=purpose, actor=actor, at=at)


@transaction.atomic
def record_safe_contact(follow_up: FollowUp, *, text: str, actor: PostActor, at: datetime) -> FollowUp:
    """Keep how a party may be reached without danger, for every open follow-up of the case.

    The event says that it changed, never what it says: it names people and times.
    """
    policy.require(actor, "follow_up.record", at=at)
    case = cases.lock(follow_up.case_id)
    rows = list(FollowUp.objects.select_for_update().filter(case=case, status__in=OPEN_FOLLOW_UPS))
    if not rows:
        raise Conflict("该案件没有待办的回访。")
    for row in rows:
        row.safe_contact = text.strip()
    FollowUp.objects.bulk_update(rows, ["safe_contact"])
    lifecycle.record(case, "follow_up.safe_contact", actor=actor, at=at, subject=follow_up)
    follow_up.refresh_from_db()
    return follow_up
