"""What a platform says it holds: its list, asked page by page over the same guarded way as deliveries.

`GET query_url?since=…&limit=…&after=…`, signed like a delivery with an empty body, is answered by
`{"results": [{"id", "status", "hash", …}], "next": "…"}`; without `next` the list is at its end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from dispute_hub.outbox import egress, wire
from dispute_hub.outbox.models import Connector

PAGE: Final = 1000
MOST_PAGES: Final = 1000


class Unreadable(Exception):
    """The platform's list could not be read to its end; why, in words."""


@dataclass(frozen=True, slots=True)
class Held:
    """One message as the platform holds it; `said` is everything it tells of it.

    Only what `is_uuid` can be one of ours.
    """

    message_id: str
    is_uuid: bool
    status: str
    content: str
    said: dict[str, Any]


def pages(connector: Connector, *, since: datetime, clock: Callable[[], datetime]) -> Iterator[list[Held]]:
    """The platform's list, page by page. Raises Unreadable."""
    after = ""
    for _ in range(MOST_PAGES):
        said = _ask(connector, since, after, at=clock())
        results, following = said.get("results"), said.get("next") or ""
        if not isinstance(results, list) or not isinstance(following, str):
            raise Unreadable("对方查询答复缺少 results")
        yield [_held(one) for one in results if isinstance(one, dict)]
        if not following:
            return
        if following == after:
            raise Unreadable("对方查询分页停在同一处")
        after = following
    raise Unreadable("对方查询分页过多，已停止")


def _ask(connector: Connector, since: datetime, after: str, *, at: datetime) -> dict[str, Any]:
    wanted = {"since": since.astimezone(UTC).isoformat(), "limit": str(PAGE)} | (
        {"after": after} if after else {}
    )
    url = f"{connector.query_url}{'&' if '?' in connector.query_url else '?'}{urlencode(wanted)}"
    headers = wire.signed_headers(connector, f"query-{uuid.uuid4().hex}", b"", at=at)
    try:
        answer = egress.ask("GET", url, headers=headers, content=b"", allowed=wire.allow_list(connector))
    except (egress.Blocked, ValueError) as error:
        raise Unreadable(f"未查询：{error}") from error
    except egress.Cut as error:
        raise Unreadable(str(error)) from error
    if answer.status != 200:
        raise Unreadable(f"{wire.SAID_NO.get(answer.status, '对方查询接口异常')}（{answer.status}）")
    said = wire.said_in(answer)
    if said is None:
        raise Unreadable("对方查询答复无法读取")
    return said


def _held(said: dict[str, Any]) -> Held:
    """Whatever stands there, as short texts."""
    message_id, status, content = (
        str(value)[:64] if isinstance(value := said.get(name), str) else ""
        for name in ("id", "status", "hash")
    )
    try:
        message_id, is_uuid = str(uuid.UUID(message_id)), True
    except ValueError:
        message_id, is_uuid = message_id or "（无编号）", False
    return Held(message_id, is_uuid, status, content.lower(), said)
