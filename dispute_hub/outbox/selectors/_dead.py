"""Questions about deliveries that were given up."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.audit import selectors as audit
from dispute_hub.audit.models import AccessLog
from dispute_hub.common import masks
from dispute_hub.common.errors import OutOfScope
from dispute_hub.outbox.models import DeliveryAttempt, OutboxRow
from dispute_hub.outbox.selectors._connectors import connectors_of

# Fields that hold a person whatever stands in them.
NAMES: Final = ("name", "known_as")


def dead_rows() -> QuerySet[OutboxRow]:
    """Deliveries that were given up, newest first."""
    return OutboxRow.objects.filter(state=OutboxRow.State.DEAD).order_by("-created_at", "-id")


def dead_rows_of(actor: PostActor, *, words: str, target: str) -> QuerySet[OutboxRow]:
    """Those of the platforms of the post's bureau, for the system's administrator our own parts' too.

    `words` finds a message id, a topic, or a part of the reason; `target` is a platform's code.
    """
    return _narrowed(dead_rows(), actor, words, target)


def aside_rows_of(actor: PostActor, *, words: str, target: str) -> QuerySet[OutboxRow]:
    """不再投递: those a person took from the list, in the same reach, newest first.

    They are found by their traces: among all that was ever sent no index leads to them.
    """
    traced = _asides().annotate(row_id=Cast("object_id", BigIntegerField())).order_by().values("row_id")
    rows = OutboxRow.objects.filter(state=OutboxRow.State.ASIDE, pk__in=traced)
    return _narrowed(rows.order_by("-created_at", "-id"), actor, words, target)


def asides_of(rows: Iterable[OutboxRow]) -> dict[int, AccessLog]:
    """Who took rows from the list and when, by row id; none of rows that were never set aside."""
    ids = [str(row.pk) for row in rows if row.state == OutboxRow.State.ASIDE]
    # The last word stands: a platform that lost a message gets it again, and it may fail again.
    told = _asides().filter(object_id__in=ids).order_by("at", "id") if ids else ()
    return {int(one.object_id): one for one in told}


def _asides() -> QuerySet[AccessLog]:
    return audit.access_log().filter(object_kind="outbox_row", data__act="set_aside")


def _narrowed(rows: QuerySet[OutboxRow], actor: PostActor, words: str, target: str) -> QuerySet[OutboxRow]:
    mine = Q(target__in=connectors_of(actor).values("code"))
    if actor.role == Role.SYSTEM_ADMIN:
        mine |= Q(target="")
    rows = rows.filter(mine)
    if target:
        rows = rows.filter(target=target)
    return rows.filter(_matching(words)) if words else rows


def get_given_up(actor: PostActor, row_id: int) -> OutboxRow:
    """A dead or a set-aside one; OutOfScope (404) when it is not in reach or was replayed meanwhile."""
    for rows in (dead_rows_of, aside_rows_of):
        if row := rows(actor, words="", target="").filter(pk=row_id).first():
            return row
    raise OutOfScope("没有找到该投递记录，可能已重新投递。")


def names_of_targets(actor: PostActor) -> dict[str, str]:
    """The platforms of the post's bureau: code to name."""
    return dict(connectors_of(actor).values_list("code", "name"))


def tries_of(row: OutboxRow) -> list[DeliveryAttempt]:
    """The last tries of a delivery, newest first."""
    return list(row.tries.order_by("-id")[:50])


def masked_body(row: OutboxRow, actor: PostActor) -> str:
    """The body as this person may read it: masked; for the system's administrator only its fields."""
    opened = actor.role != Role.SYSTEM_ADMIN
    return json.dumps(_masked(row.payload, "", opened=opened), ensure_ascii=False, indent=2)


def _masked(value: Any, name: str, *, opened: bool) -> Any:
    if isinstance(value, dict):
        return {key: _masked(inner, key, opened=opened) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, name, opened=opened) for inner in value]
    if not opened:
        return "***"
    if isinstance(value, str):
        return masks.mask_name(value) if name in NAMES else masks.redact(value)
    return value


def _matching(words: str) -> Q:
    found = Q(last_error__icontains=words) | Q(topic__icontains=words)
    try:
        return found | Q(message_id=uuid.UUID(words))
    except ValueError:
        return found
