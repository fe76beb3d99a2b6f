"""Verbs of audit: leave a trace, seal a block.

A trace is written in the transaction of the act: when it cannot be written, the act rolls back
(promise A5). Rows are inserted unchained and sealed afterwards, so that no write waits for a chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from dispute_hub.common import request_context

from . import ledger
from .models import AccessKind, AccessLog, Seal

# Append-only tables under the chain, by label: audit stands below cases and may not import it.
LEDGERS = ("audit.AccessLog", "cases.CaseEvent")
BLOCK_ROWS = 10_000
# Any constant: it only has to differ from the other advisory locks of the product.
SEALER_LOCK = 0x5EA1


def record(
    kind: str,
    *,
    actor_user_id: int | None,
    at: datetime,
    post_id: int | None = None,
    unit_id: int | None = None,
    object_kind: str = "",
    object_id: object = "",
    data: Mapping[str, Any] | None = None,
) -> AccessLog:
    """Leave a trace; kinds are `AccessKind`. Request id and address come from the request in hand.

    `data` names codes and counts, never a name, number or search text: the log is read by people
    who may not see those. Raises ValueError for an unknown kind.
    """
    return AccessLog.objects.create(
        kind=AccessKind(kind),
        at=at,
        user_id=actor_user_id,
        post_id=post_id,
        unit_id=unit_id,
        object_kind=object_kind,
        object_id=str(object_id),
        request_id=request_context.request_id.get(),
        ip=request_context.client_ip.get(),
        data=dict(data or {}),
    )


def seal_block(at: datetime) -> list[Seal]:
    """Seal what is not sealed yet, at most 10 000 rows of each ledger; the new blocks.

    A second sealer running at the same moment finds the lock taken and seals nothing. Raises
    nothing for a ledger whose model is not installed.
    """
    blocks: list[Seal] = []
    with transaction.atomic():
        if not _only_sealer():
            return blocks
        for model in ledger_models():
            block = _seal_ledger(model, at=at)
            if block is not None:
                blocks.append(block)
    return blocks


def ledger_models() -> list[type[models.Model]]:
    """The models under the chain that are installed."""
    found = []
    for label in LEDGERS:
        try:
            found.append(apps.get_model(label))
        except LookupError:
            continue
    return found


def _only_sealer() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return bool(cursor.fetchone()[0])


def _seal_ledger(model: type[models.Model], *, at: datetime) -> Seal | None:
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields]
    leaves = ledger.unsealed_leaves(table, columns, at=at, limit=BLOCK_ROWS)
    if not leaves:
        return None
    last = Seal.objects.order_by("-number").first()
    ids = [row_id for row_id, _ in leaves]
    block = Seal(
        number=last.number + 1 if last else 1,
        table=table,
        columns=columns,
        row_ids=ledger.ids_literal(ids),
        first_id=ids[0],
        last_id=ids[-1],
        rows=len(ids),
        root=ledger.merkle_root([digest for _, digest in leaves]),
        prev_hash=bytes(last.hash) if last else ledger.GENESIS,
        sealed_at=at,
    )
    block.hash = ledger.block_hash(block)
    block.save(force_insert=True)
    return block
