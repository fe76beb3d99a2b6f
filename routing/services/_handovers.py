"""交接班单: what the next shift takes over, item by item; both sides sign."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.time import beijing_date
from routing.models import ShiftHandover
from routing.selectors import _handovers as handovers
from routing.services._machine import label_of


@transaction.atomic
def sign_handover(station: Unit, *, note: str, actor: PostActor, at: datetime) -> ShiftHandover:
    """The first signature is the outgoing side's and writes down the items; the second takes them over.

    Until the second the outgoing side is responsible. Raises Conflict when both have signed, NoRight
    when one person would sign for both sides.
    """
    policy.require(actor, "handover.sign", at=at)
    if actor.post.unit_id != station.pk:
        raise NoRight("交接班单由本所值班人员签字。")
    row, _ = ShiftHandover.objects.select_for_update(of=("self",)).get_or_create(
        station=station, shift_on=beijing_date(at), defaults={"opened_at": at}
    )
    if row.incoming_signed_at is not None:
        raise Conflict("今日交接班单双方均已签字。", code="already_signed")
    if row.outgoing_signed_at is None:
        row.items = [item.as_json() for item in handovers.items_of(station.pk)]
        row.outgoing_post, row.outgoing_signed_at, row.note = actor.post, at, note[:400]
        row.save(update_fields=["items", "note", "outgoing_post", "outgoing_signed_at"])
        return row
    if row.outgoing_post is not None and row.outgoing_post.user_id == actor.user.pk:
        raise NoRight(f"交班人{label_of(row.outgoing_post)}不能同时签收接班。")
    row.incoming_post, row.incoming_signed_at = actor.post, at
    row.save(update_fields=["incoming_post", "incoming_signed_at"])
    return row
