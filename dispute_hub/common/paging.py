"""Lists page by key: the next page starts after the last row seen, however deep it lies.

The condition is `a <= x AND (a < x OR (a = x AND id < y))`: the first part is what PostgreSQL walks
the index by, the second settles ties.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from .errors import Invalid

PAGE_ROWS = 50
MAX_ROWS = 200
MAX_CURSOR = 500
Row = TypeVar("Row")
_READERS: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": uuid.UUID,
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows and the cursor of the next, "" on the last page."""

    rows: list[Row]
    next_cursor: str


def keyset_page(
    queryset: QuerySet[Any],
    *,
    order: Sequence[str] = ("-received_at", "-id"),
    cursor: str | None = None,
    size: int | str | None = None,
) -> Page[Any]:
    """The page after `cursor` in `order`, at most 200 rows; one query, never a count or an offset.

    The last column of `order` must be unique and none may be NULL. Raises Invalid (400) for a
    cursor that is not ours or belongs to another order, and for a size that is not a number.
    """
    wanted = page_size(size)
    queryset = keyset_after(queryset, order=order, cursor=cursor)
    rows = list(queryset.order_by(*order)[: wanted + 1])
    more = len(rows) > wanted
    rows = rows[:wanted]
    return Page(rows, _cursor(rows[-1], order) if more else "")


def keyset_after(queryset: QuerySet[Any], *, order: Sequence[str], cursor: str | None) -> QuerySet[Any]:
    """The rows behind a cursor, for a branch of a union; Invalid (400) for a cursor that is not ours."""
    return queryset.filter(_after(order, _open_cursor(cursor, order))) if cursor else queryset


def page_size(size: int | str | None) -> int:
    """A size from a URL, clamped to 1..200; the default for none."""
    if size in (None, ""):
        return PAGE_ROWS
    text = str(size)
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid("每页条数应为 1 至 200 的整数。", code="bad_page_size", status=400)
    return min(max(int(text), 1), MAX_ROWS)


class KeysetPagination(BasePagination):
    """The API's pages: `{results, next}`; a view names its order as `keyset_order`."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.request = request
        order = getattr(view, "keyset_order", ("-received_at", "-id"))
        self.page = keyset_page(
            queryset,
            order=order,
            cursor=single_param(request, "cursor"),
            size=single_param(request, "page_size"),
        )
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next_link()})

    def next_link(self) -> str | None:
        """The address of the next page: this one with another cursor."""
        if not self.page.next_cursor:
            return None
        params = self.request.query_params.copy()
        params["cursor"] = self.page.next_cursor
        return str(self.request.build_absolute_uri(f"{self.request.path}?{params.urlencode()}"))

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "format": "uri", "nullable": True},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_ROWS},
            },
        ]


def single_param(request: Any, name: str) -> str | None:
    """A query parameter that may stand there once (bad-input 38: Django takes the last one)."""
    values = request.GET.getlist(name)
    if len(values) > 1:
        raise Invalid(f"参数 {name} 重复出现。", code="repeated_parameter", status=400)
    return values[0] if values else None


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    condition = Q()
    for place in range(len(order) - 1, -1, -1):
        name, beyond = order[place].lstrip("-"), "lt" if order[place].startswith("-") else "gt"
        further = Q(**{f"{name}__{beyond}": values[place]})
        tie = Q(**{name: values[place]}) & condition if condition else Q()
        bound = Q(**{f"{name}__{beyond}e": values[place]})
        condition = bound & (further | tie) if tie else further
    return condition


def _cursor(row: Any, order: Sequence[str]) -> str:
    values = [_packed(_value(row, name.lstrip("-"))) for name in order]
    return signing.dumps(values, salt=_salt(order), compress=False)


def _open_cursor(cursor: str, order: Sequence[str]) -> list[Any]:
    try:
        if len(cursor) > MAX_CURSOR:
            raise signing.BadSignature("too long")
        values = [_unpacked(pair) for pair in signing.loads(cursor, salt=_salt(order))]
    except (signing.BadSignature, ValueError, TypeError, json.JSONDecodeError) as error:
        raise Invalid("翻页标记无效，请回到第一页重新查看。", code="bad_cursor", status=400) from error
    return values


def _salt(order: Sequence[str]) -> str:
    return "keyset:" + ",".join(order)


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):
        return row[path]
    for part in path.split("__"):
        row = getattr(row, part)
    return row.pk if isinstance(row, Model) else row


def _packed(value: Any) -> list[str | int | float]:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, uuid.UUID):
        return ["u", str(value)]
    if isinstance(value, str | int | float):
        return ["v", value]
    raise TypeError(f"cannot page by {type(value).__name__}")


def _unpacked(pair: list[Any]) -> Any:
    kind, value = pair
    return _READERS[kind](value) if kind in _READERS else value
