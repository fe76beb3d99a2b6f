"""The page of a push: its card, who helps, and what this person may do about it now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from routing.models import Push, Reinforcement
from routing.selectors._cards import cards_of

CREW_ROLES = (Role.OFFICER, Role.COMMUNITY_OFFICER)


def pages_of(actor: PostActor, pushes: Sequence[Push], *, at: datetime) -> list[dict[str, Any]]:
    """What the page of each push shows, in their order; seven queries however many there are."""
    leads = leads_second(actor, pushes, at=at)
    led = {push.led_by.pk for push in pushes}
    requests: dict[int, Reinforcement] = {}
    for row in Reinforcement.objects.filter(push__in=led).order_by("id"):
        requests[row.push_id] = row
    helpers: dict[int | None, list[Push]] = {}
    sent = Push.objects.filter(reinforces__in=led).exclude(status=Push.Status.ENDED)
    for helper in sent.select_related("addressee_post__user", "addressee_post__unit").order_by("id"):
        helpers.setdefault(helper.reinforces_id, []).append(helper)
    return [
        {
            "push": card.push,
            "card": card,
            "reinforcement": requests.get(card.push.led_by.pk),
            "helpers": helpers.get(card.push.led_by.pk, []),
            **what_may(actor, card.push, requests.get(card.push.led_by.pk), leads=leads),
        }
        for card in cards_of(actor, pushes)
    ]


def leads_second(actor: PostActor, pushes: Sequence[Push], *, at: datetime) -> bool:
    """Whether this post signs a push 2 for its station: a leading role, or the duty leader of now."""
    if all(push.is_first or push.status != Push.Status.ISSUED for push in pushes):
        return False
    return actor.role in (Role.STATION_CHIEF, Role.STATION_COMMAND) or people.leads_duty(actor.post, at)


def what_may(
    actor: PostActor, push: Push, request: Reinforcement | None = None, *, leads: bool = False
) -> dict[str, Any]:
    """Which buttons the page of a push shows this person; the services decide again.

    `leads` as of `leads_second`. `will_*` are what the crew may do after its own signature: a phone
    without network goes on with them.
    """
    status = Push.Status
    is_crew = actor.post.pk in (push.signed_by_id, *push.addressee_posts)
    records = actor.role == Role.STATION_COMMAND
    named = not push.addressee_posts or actor.post.pk in push.addressee_posts
    signs = actor.role in CREW_ROLES and named
    leads = leads and not push.is_first
    may_sign = push.status == status.ISSUED and (signs or leads) and not actor.user.is_auxiliary
    under_way = push.is_first and push.status in (status.SIGNED, status.ARRIVED) and (is_crew or records)
    will = push.is_first and may_sign and signs
    asked = request is not None and request.status in (Reinforcement.Status.ASKED, Reinforcement.Status.SENT)
    return {
        "may_sign": may_sign,
        "may_sign_for": push.status == status.ISSUED and policy.allows(actor.role, "push.sign_on_behalf"),
        "may_arrive": under_way and push.status == status.SIGNED,
        "may_feed_back": under_way and not push.reinforces_id,
        "may_tell": under_way,
        "may_ask": under_way and not _waits([request]),
        "may_withdraw": under_way and asked,
        "will_act": will,
        "will_feed_back": will and not push.reinforces_id,
        "records": records and not is_crew,
    }


def _waits(requests: Iterable[Reinforcement | None]) -> bool:
    return any(request is not None and request.is_open for request in requests)
