"""Rows into tables by COPY: ten times the speed of INSERT, with the model's own defaults for the rest."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max, Model

NULL = r"\N"


def json_text(value: Any) -> str:
    """JSON as COPY takes it."""
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


def sealed(value: bytes | None) -> str:
    """Bytes as COPY takes them."""
    return NULL if value is None else rf"\\x{value.hex()}"


def line_text(value: str) -> str:
    """Text without what ends a column or a row."""
    return value.replace("\\", "\\\\").replace("\t", " ").replace("\n", r"\n").replace("\r", "")


class Table:
    """One table being filled: `names` are the columns given for each row, all others keep their default.

    Ids are given out here; `finish` moves the sequence behind them.
    """

    def __init__(self, model: type[Model], *names: str) -> None:
        self.model, self.given = model, ("id", *names)
        fields = {field.attname: field for field in model._meta.concrete_fields}
        fixed = [name for name in fields if name not in self.given]
        missing = set(self.given) - set(fields)
        assert not missing, f"{model.__name__} has no {missing}"
        columns = [fields[name].column for name in (*self.given, *fixed)]
        self.columns = ", ".join(f'"{column}"' for column in columns)
        constants = [_constant(fields[name]).replace("%", "%%") for name in fixed]
        self.line = "\t".join(["%s"] * len(self.given) + constants) + "\n"
        self.next_id: int = (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.rows: list[str] = []

    def add(self, *values: object) -> int:
        """One row; None is NULL. Returns its id."""
        number = self.next_id
        self.next_id += 1
        self.rows.append(self.line % (number, *[NULL if value is None else value for value in values]))
        return number

    def flush(self) -> None:
        """Send what was added."""
        if not self.rows:
            return
        name = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.copy_expert(f'COPY "{name}" ({self.columns}) FROM STDIN', io.StringIO("".join(self.rows)))
        self.rows.clear()

    def finish(self) -> None:
        """The next row of anybody else gets the next id."""
        name = self.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [name, self.next_id])


def _constant(field: Any) -> str:
    """The column's default as COPY takes it; a foreign key, a date or a number without one is NULL."""
    if field.has_default():
        return _plain(field, field.get_default())
    if field.null:
        return NULL
    return "" if not sealed_column(field) else r"\\x"


def _plain(field: Any, value: Any) -> str:
    if value is None:
        return NULL
    if sealed_column(field):
        return r"\\x"
    if field.get_internal_type() == "JSONField":
        return json_text(value)
    return "{}" if isinstance(value, list) else str(value)


def sealed_column(field: Any) -> bool:
    return bool(field.get_internal_type() == "BinaryField")


def flush_all(tables: Iterable[Table]) -> None:
    """Send every table's rows, parents first."""
    for table in tables:
        table.flush()
