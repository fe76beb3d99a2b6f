"""Questions to audit: is the chain whole, how old is its head, who did what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from . import ledger
from .models import AccessLog, Seal
from .services import ledger_models


@dataclass(frozen=True)
class Break:
    """A place where the ledger does not hold: block number (0: outside any block), table, what."""

    number: int
    table: str
    what: str
    row_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Anchor:
    """A head hash kept outside (printed, or on a second system): block number and hex hash."""

    number: int
    hash: str


def access_log() -> QuerySet[AccessLog]:
    """All traces, latest first."""
    return AccessLog.objects.select_related("user").order_by("-at", "-id")


def head() -> Anchor | None:
    """The last block, as an anchor to keep outside; None before the first block."""
    last = Seal.objects.order_by("-number").only("number", "hash").first()
    return Anchor(last.number, bytes(last.hash).hex()) if last else None


def head_sealed_at() -> datetime | None:
    """When the last block was sealed."""
    return Seal.objects.order_by("-number").values_list("sealed_at", flat=True).first()


def breaks(*, at: datetime, anchor: Anchor | None = None) -> Iterator[Break]:
    """Every place where chain or rows do not hold, in order of blocks; empty means whole.

    Finds edits, deletions, insertions and re-linked blocks by itself; a cut tail or a chain
    recomputed from some block on shows only against an anchor kept outside (promise A3).
    """
    yield from _chain_breaks(anchor)
    for model in ledger_models():
        yield from _row_breaks_outside(model._meta.db_table, at=at)


def _chain_breaks(anchor: Anchor | None) -> Iterator[Break]:
    expected_number, prev_hash, anchored = 1, ledger.GENESIS, anchor is None
    for block in Seal.objects.order_by("number").iterator(chunk_size=500):
        if block.number != expected_number:
            yield Break(expected_number, block.table, "缺少封存块")
        if bytes(block.prev_hash) != prev_hash:
            yield Break(block.number, block.table, "与前一块的链接不符")
        if bytes(block.hash) != ledger.block_hash(block):
            yield Break(block.number, block.table, "封存块内容被改动")
        yield from _block_breaks(block)
        if anchor is not None and block.number == anchor.number:
            anchored = True
            if bytes(block.hash).hex() != anchor.hash:
                yield Break(block.number, block.table, "与外部留存的链头不符")
        expected_number, prev_hash = block.number + 1, bytes(block.hash)
    if not anchored and anchor is not None:
        yield Break(anchor.number, "", "外部留存的链头在库中不存在（链尾被截断）")


def _block_breaks(block: Seal) -> Iterator[Break]:
    leaves = ledger.leaves_of(block)
    if len(leaves) != block.rows:
        present = {row_id for row_id, _ in leaves}
        claimed = (row_id for span in ledger.spans_of(block.row_ids) for row_id in range(*span))
        missing = tuple(row_id for row_id in claimed if row_id not in present)
        yield Break(block.number, block.table, "记录被删除", missing[:100])
    elif ledger.merkle_root([leaf for _, leaf in leaves]) != bytes(block.root):
        yield Break(block.number, block.table, f"记录被改动（编号 {block.first_id}–{block.last_id}）")


def _row_breaks_outside(table: str, *, at: datetime) -> Iterator[Break]:
    """Rows slipped in below the settled floor, where no honest insert can land any more."""
    floor = ledger.floor_id(table, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {connection.ops.quote_name(table)} WHERE id <= %s AND NOT "  # noqa: S608
            "(SELECT coalesce(range_agg(row_ids::int8multirange), '{}') FROM audit_seal "
            'WHERE "table" = %s) @> id ORDER BY id LIMIT 100',
            [floor, table],
        )
        foreign = tuple(row_id for (row_id,) in cursor.fetchall())
    if foreign:
        yield Break(0, table, "记录不在任何封存块内（事后插入）", foreign)
