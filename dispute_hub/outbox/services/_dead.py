"""Dead letters: tried again under their old id, by a person, with a trace."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.audit import services as audit
from dispute_hub.common.errors import Invalid
from dispute_hub.outbox import nudge, selectors
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.services._rows import State

MOST_AT_ONCE = 500


def resend(row_id: int, *, at: datetime) -> int:
    """Send a delivery once more under its message id, though it was confirmed: the platform lost it.

    0 while it is being sent, else 1.
    """
    number = OutboxRow.objects.filter(pk=row_id).exclude(state=State.LEASED).update(
        state=State.PENDING, attempts=0, setbacks=0, next_attempt_at=at, replayed_at=at, dead_at=None,
        escalated_at=None,
    )  # fmt: skip
    _wake([row_id])
    return number


def replay_chosen(*, rows: list[int], all_of: str, actor: PostActor, at: datetime) -> int:
    """What the page sends: the ticked rows, or all of a platform; how many were in reach."""
    if all_of:
        return replay_target(all_of, actor=actor, at=at)
    return replay_many(rows, actor=actor, at=at)


@transaction.atomic
def replay_many(row_ids: Iterable[int], *, actor: PostActor, at: datetime) -> int:
    """Try chosen dead letters again; how many were in reach. Each leaves a trace of who asked.

    Raises NoRight, and Invalid when none is chosen.
    """
    policy.require(actor, "delivery.replay", at=at)
    chosen = list(row_ids)[:MOST_AT_ONCE]
    if not chosen:
        raise Invalid("请先勾选要重新投递的记录。")
    found = selectors.dead_rows_of(actor, words="", target="").filter(pk__in=chosen)
    ids = list(found.values_list("pk", flat=True))
    for row_id in ids:
        _trace(row_id, actor=actor, at=at)
    _revive(ids, at=at)
    return len(ids)


@transaction.atomic
def replay_target(target: str, *, actor: PostActor, at: datetime) -> int:
    """Try all dead letters of one platform again, the oldest 500 at a time; how many."""
    policy.require(actor, "delivery.replay", at=at)
    found = selectors.dead_rows_of(actor, words="", target=target).order_by("id")
    ids = list(found.values_list("pk", flat=True)[:MOST_AT_ONCE])
    return replay_many(ids, actor=actor, at=at) if ids else 0


def _revive(row_ids: list[int], *, at: datetime) -> None:
    """Try dead rows again, under the same message ids (reliability O5)."""
    OutboxRow.objects.filter(pk__in=row_ids, state=State.DEAD).update(
        state=State.PENDING, attempts=0, setbacks=0, next_attempt_at=at, replayed_at=at, dead_at=None,
        escalated_at=None,
    )  # fmt: skip
    _wake(row_ids)


def _wake(row_ids: list[int]) -> None:
    """A single row wakes whoever sends it: a platform's rows are not for the general sender."""
    if len(row_ids) != 1:
        transaction.on_commit(nudge.sweep)
        return
    codes = OutboxRow.objects.filter(pk__in=row_ids).values("target")
    connector_id = Connector.objects.filter(code__in=codes).values_list("pk", flat=True).first()
    transaction.on_commit(
        partial(nudge.drain, connector_id) if connector_id else partial(nudge.deliver, row_ids[0])
    )


def _trace(row_id: int, *, actor: PostActor, at: datetime) -> None:
    audit.record(
        "admin_act", actor_user_id=actor.user.pk, at=at, post_id=actor.post.pk, unit_id=actor.unit.pk,
        object_kind="outbox_row", object_id=row_id, data={"act": "replay"},
    )  # fmt: skip
