"""Many open clocks at once, written by the database itself: for promises and figures about numbers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, Deadline
from tests.cases.builders import a_case

KIND: Final = "push_first.sign"
KEY: Final = "yellow"
FAR: Final = timedelta(days=300)


def open_clocks(cast: Any, number: int, due: int, *, over: timedelta, at: datetime) -> Deadline:
    """So many open clocks, one a case; the first `due` of them end evenly spread over the span from `at`.

    The others end a year later. Returns the one all are copied from, which is no longer open.
    """
    case = a_case(cast, at)
    holder = deadlines.Holder(unit_id=case.station_id, role="officer")
    row = deadlines.start(case, case, KIND, key=KEY, holder=holder, at=at)
    assert row is not None
    _copy_cases(case, number)
    _copy_clocks(row, case, number, due, at - row.due_at, over)
    Deadline.objects.filter(pk=row.pk).update(state="ended", ended_at=at, next_step_at=None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_case")
        cursor.execute("ANALYZE cases_deadline")
    return row


def _copy_cases(case: Case, number: int) -> None:
    columns = _columns("cases_case", "id", "case_no")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case (case_no, {columns})"
            f" SELECT 'C{case.pk}-' || lpad(n::text, 8, '0'), {columns}"
            " FROM cases_case, generate_series(1, %s) AS n WHERE id = %s",
            [number, case.pk],
        )


def _copy_clocks(row: Deadline, case: Case, number: int, due: int, back: timedelta, over: timedelta) -> None:
    """Each copy is moved as a whole, so that its ladder stays the table's."""
    moved = ("starts_at", "due_at", "next_step_at")
    columns = _columns("cases_deadline", "id", "case_id", "subject_id", *moved)
    shifted = ", ".join(f"d.{name} + s.shift" for name in moved)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_deadline (case_id, subject_id, {', '.join(moved)}, {columns})"
            f" SELECT c.id, c.id, {shifted}, {columns} FROM cases_deadline d, ("
            " SELECT id, row_number() OVER (ORDER BY case_no) AS n FROM cases_case WHERE case_no LIKE %s) c,"
            " LATERAL (SELECT CASE WHEN c.n <= %s THEN %s + (%s * (c.n - 1) / greatest(%s, 1))"
            " ELSE %s END AS shift) s WHERE d.id = %s",
            [f"C{case.pk}-%", due, back, over, due, FAR, row.pk],
        )


def _columns(table: str, *without: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(column_name) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND NOT column_name = ANY(%s)"
            " ORDER BY ordinal_position",
            [table, list(without)],
        )
        return ", ".join(name for (name,) in cursor.fetchall())
