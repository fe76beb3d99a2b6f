"""Lists page by key: whole, stable, bounded, and deaf to forged cursors (bad-input 41)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispute_hub.common.errors import Invalid
from dispute_hub.common.paging import MAX_ROWS, keyset_page, page_size

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)
ORDER = ("-expire_date", "session_key")


@pytest.fixture(autouse=True)
def _rows(db: None) -> None:
    """Seven rows over three instants, so that ties cross the page ends."""
    Session.objects.bulk_create(
        Session(session_key=f"k{number}", session_data="", expire_date=AT + timedelta(hours=number // 3))
        for number in range(7)
    )


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_pages_put_together_are_the_list(size: int) -> None:
    keys, cursor = [], ""
    while True:
        page = keyset_page(Session.objects.all(), order=ORDER, cursor=cursor, size=size)
        keys += [row.session_key for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert keys == ["k6", "k3", "k4", "k5", "k0", "k1", "k2"]


def test_rows_of_values_page_as_well() -> None:
    rows = Session.objects.values("session_key", "expire_date")
    first = keyset_page(rows, order=ORDER, size=4)
    second = keyset_page(rows, order=ORDER, cursor=first.next_cursor, size=4)
    assert [row["session_key"] for row in second.rows] == ["k0", "k1", "k2"]


def test_a_page_is_one_query_without_offset_or_count() -> None:
    cursor = keyset_page(Session.objects.all(), order=ORDER, size=2).next_cursor
    with CaptureQueriesContext(
        connection,
    ) as queries:
        keyset_page(Session.objects.all(), order=ORDER, cursor=cursor, size=2)
    assert len(queries) == 1
    assert "OFFSET" not in queries[0]["sql"]
    assert "COUNT" not in queries[0]["sql"]


@pytest.mark.parametrize("cursor", ["garbage", "a:b:c", "' OR 1=1--", "x" * 10_000, "\x00", "纠纷"])
def test_a_forged_cursor_is_400(cursor: str) -> None:
    with pytest.raises(Invalid) as caught:
        keyset_page(Session.objects.all(), order=ORDER, cursor=cursor)
    assert (caught.value.status, caught.value.code) == (400, "bad_cursor")


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = keyset_page(Session.objects.all(), order=ORDER, size=2).next_cursor
    with pytest.raises(Invalid):
        keyset_page(Session.objects.all(), order=("session_key",), cursor=cursor)


@pytest.mark.parametrize(
    ("asked", "rows"), [(None, 50), ("", 50), ("0", 1), ("1", 1), (200, 200), ("100000", MAX_ROWS)]
)
def test_sizes_are_clamped(asked: int | str | None, rows: int) -> None:
    assert page_size(asked) == rows


@pytest.mark.parametrize("asked", ["-1", "1e9", "²", "１", "a", "9" * 30])
def test_a_size_that_is_no_number_is_400(asked: str) -> None:
    with pytest.raises(Invalid) as caught:
        page_size(asked)
    assert caught.value.status == 400
