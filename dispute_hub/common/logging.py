"""Log lines: one JSON object a line, with the request's id and without personal data."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from . import request_context
from .masks import redact

# What every LogRecord has; anything else was put there by `extra=`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request", "response"}
MESSAGE_LENGTH = 4_000


class JsonFormatter(logging.Formatter):
    """A record as one line. JSON escapes line breaks and controls, so a log line cannot be forged."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()[:MESSAGE_LENGTH]),
            "request_id": request_context.request_id.get() or None,
        }
        line |= {key: _plain(value) for key, value in vars(record).items() if key not in _OWN}
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps({key: value for key, value in line.items() if value is not None})


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value)[:MESSAGE_LENGTH])
