"""The chain finds what a superuser forges, and says where (promises A3, A4)."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from dispute_hub.audit import ledger, selectors, services
from dispute_hub.audit.models import AccessLog, Seal
from tests.conftest import Clock

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)
LATER = AT + timedelta(hours=3)
BLOCKS, ROWS = 6, 7
pytestmark = pytest.mark.django_db


def sql(statement: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def chain() -> None:
    """Six blocks of seven traces, the way the sealer makes them."""
    for block in range(BLOCKS):
        for row in range(ROWS):
            services.record("reveal", actor_user_id=None, at=AT, object_id=row, data={"b": block, "名": "值"})
        services.seal_block(AT + timedelta(minutes=block))


@contextmanager
def superuser() -> Iterator[None]:
    """Triggers off, and all of it undone afterwards."""
    with transaction.atomic():
        mark = transaction.savepoint()
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("audit_accesslog", "audit_seal"):
            sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield
        transaction.savepoint_rollback(mark)


def found(anchor: selectors.Anchor | None = None) -> list[selectors.Break]:
    return list(selectors.breaks(at=LATER, anchor=anchor))


def test_an_honest_chain_is_whole_and_numbered_without_gaps(chain: None) -> None:
    assert found() == []
    assert list(Seal.objects.values_list("number", flat=True)) == list(range(1, BLOCKS + 1))
    assert sum(Seal.objects.values_list("rows", flat=True)) == AccessLog.objects.count()
    assert services.seal_block(LATER) == []


def test_late_commits_and_rolled_back_inserts_leave_the_chain_whole() -> None:
    """Ids are given at insert, rows become visible at commit: 1, 4 and 5 first, then 2; 3 never."""
    base = int(str(sql("SELECT nextval('audit_accesslog_id_seq')")[0][0]))
    insert = (
        "INSERT INTO audit_accesslog (id, at, kind, object_kind, object_id, request_id, data) "
        "VALUES (%s, %s, 'login', '', '', '', '{}')"
    )
    for place in (1, 4, 5):
        sql(insert, base + place, AT)
    services.seal_block(AT)
    sql(insert, base + 2, AT)
    (late,) = services.seal_block(AT + timedelta(seconds=10))
    assert (late.rows, late.first_id) == (1, base + 2)
    assert Seal.objects.get(number=1).row_ids == f"{{[{base + 1},{base + 2}),[{base + 4},{base + 6})}}"
    assert found() == []


def _edit(rng: random.Random, ids: list[int]) -> None:
    column, value = rng.choice([("kind", "login"), ("object_id", "9"), ("request_id", "x"), ("post_id", "1")])
    sql(f"UPDATE audit_accesslog SET {column} = %s WHERE id = %s", value, rng.choice(ids))


def _edit_data(rng: random.Random, ids: list[int]) -> None:
    sql("UPDATE audit_accesslog SET data = '{\"b\": 99}' WHERE id = %s", rng.choice(ids))


def _move_time(rng: random.Random, ids: list[int]) -> None:
    sql("UPDATE audit_accesslog SET at = at + interval '1 microsecond' WHERE id = %s", rng.choice(ids))


def _delete(rng: random.Random, ids: list[int]) -> None:
    sql("DELETE FROM audit_accesslog WHERE id = %s", rng.choice(ids))


def _delete_tail_rows(rng: random.Random, ids: list[int]) -> None:
    sql("DELETE FROM audit_accesslog WHERE id >= %s", ids[-rng.randint(1, ROWS)])


def _swap(rng: random.Random, ids: list[int]) -> None:
    one, other = rng.sample(ids, 2)
    sql("UPDATE audit_accesslog SET id = -1 WHERE id = %s", one)
    sql("UPDATE audit_accesslog SET id = %s WHERE id = %s", one, other)
    sql("UPDATE audit_accesslog SET id = %s WHERE id = -1", other)
    sql("UPDATE audit_accesslog SET object_id = object_id || 's' WHERE id IN (%s, %s)", one, other)


def _insert(rng: random.Random, ids: list[int]) -> None:
    sql(
        "INSERT INTO audit_accesslog (id, at, kind, object_kind, object_id, request_id, data) "
        "VALUES (%s, %s, 'login', '', '', '', '{}')",
        ids[0] - rng.randint(1, 1000),
        AT,
    )


def _delete_block(rng: random.Random, ids: list[int]) -> None:
    sql("DELETE FROM audit_seal WHERE number = %s", rng.randint(1, BLOCKS - 1))


def _edit_block(rng: random.Random, ids: list[int]) -> None:
    change = rng.choice(
        ["rows = rows - 1", "last_id = last_id + 1", "root = prev_hash", "columns = '[\"id\"]'"]
    )
    sql(f"UPDATE audit_seal SET {change} WHERE number = %s", rng.randint(1, BLOCKS))


FORGERIES = [
    _edit, _edit_data, _move_time, _delete, _delete_tail_rows, _swap, _insert, _delete_block, _edit_block,
]  # fmt: skip


def test_two_hundred_forgeries_are_two_hundred_finds(chain: None) -> None:
    rng = random.Random(7)
    ids = list(AccessLog.objects.order_by("id").values_list("id", flat=True))
    missed = []
    for number in range(200):
        forge: Callable[[random.Random, list[int]], None] = FORGERIES[number % len(FORGERIES)]
        with superuser():
            forge(rng, ids)
            if not found():
                missed.append((number, forge.__name__))
    assert missed == []
    assert found() == []


def test_the_first_bad_position_is_named(chain: None) -> None:
    third = Seal.objects.get(number=3)
    with superuser():
        sql("DELETE FROM audit_accesslog WHERE id = %s", third.first_id + 2)
        (place,) = found()
    assert (place.number, place.table, place.row_ids) == (3, "audit_accesslog", (third.first_id + 2,))


def _rechain(first: int) -> None:
    """What a forger with the source code does: recompute every block from `first` on."""
    prev = bytes(Seal.objects.get(number=first - 1).hash) if first > 1 else ledger.GENESIS
    for block in Seal.objects.filter(number__gte=first).order_by("number"):
        block.prev_hash = prev
        block.root = ledger.merkle_root([leaf for _, leaf in ledger.leaves_of(block)])
        prev = block.hash = ledger.block_hash(block)
        block.save()


def test_a_recomputed_chain_or_cut_tail_shows_against_the_anchor_outside(chain: None) -> None:
    anchor = selectors.head()
    assert anchor is not None
    assert found(anchor) == []
    with superuser():
        sql("UPDATE audit_accesslog SET kind = 'login' WHERE id = %s", Seal.objects.get(number=2).first_id)
        _rechain(2)
        assert found() == []
        assert [place.number for place in found(anchor)] == [anchor.number]
    with superuser():
        sql("DELETE FROM audit_accesslog WHERE id >= %s", Seal.objects.get(number=BLOCKS).first_id)
        sql("DELETE FROM audit_seal WHERE number = %s", BLOCKS)
        assert found() == []
        assert [place.number for place in found(anchor)] == [anchor.number]


def test_a_column_added_later_leaves_old_blocks_valid(chain: None) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE audit_accesslog ADD COLUMN later text")
    assert found() == []


def test_a_second_sealer_seals_nothing(chain: None, monkeypatch: pytest.MonkeyPatch) -> None:
    services.record("login", actor_user_id=None, at=AT)
    monkeypatch.setattr(services, "_only_sealer", lambda: False)
    assert services.seal_block(LATER) == []


def test_a_backlog_is_sealed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BLOCK_ROWS", 4)
    for _ in range(10):
        services.record("login", actor_user_id=None, at=AT)
    while services.seal_block(AT):
        pass
    assert list(Seal.objects.values_list("rows", flat=True)) == [4, 4, 2]
    assert found() == []


def test_the_command_prints_the_head_or_every_break(chain: None, clock: Clock) -> None:
    clock.set(LATER)
    out, head = StringIO(), selectors.head()
    assert head is not None
    call_command("verify_ledger", anchor=f"{head.number}:{head.hash}", stdout=out)
    assert f"{head.number}:{head.hash}" in out.getvalue()
    with superuser():
        sql("DELETE FROM audit_accesslog WHERE id = %s", AccessLog.objects.earliest("id").pk)
        with pytest.raises(CommandError, match="不通过"):
            call_command("verify_ledger", stdout=out)
    assert "记录被删除" in out.getvalue()


@pytest.mark.parametrize("anchor", ["x", "1:abc", "１:" + "0" * 64])
def test_a_garbled_anchor_is_told_in_words(anchor: str) -> None:
    with pytest.raises(CommandError, match="链头格式"):
        call_command("verify_ledger", anchor=anchor)


@pytest.mark.parametrize("ids", [[1], [1, 2, 3], [1, 3, 4, 9], list(range(5, 500, 2))])
def test_id_spans_are_written_and_read_back(ids: list[int]) -> None:
    read = [number for span in ledger.spans_of(ledger.ids_literal(ids)) for number in range(*span)]
    assert read == ids


def test_roots_depend_on_order_and_number_of_leaves() -> None:
    leaves = [bytes([number]) * 32 for number in range(5)]
    roots = {ledger.merkle_root(kept) for kept in (leaves, leaves[::-1], leaves[:4], [*leaves, leaves[-1]])}
    assert len(roots) == 4
