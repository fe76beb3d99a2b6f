"""What was meant and what was answered, on disk before and after each call.

The database is judged against this file, never against itself. A line is `intent`, `acked`, `refused` or
`unknown`; whatever is unknown is asked again under the same key until it is known.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any


class Ledger:
    """Append-only; every line is on the platter when `note` returns."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._last: dict[str, str] = {}
        self._said: dict[str, dict[str, Any]] = {}

    def note(self, key: str, word: str, **said: Any) -> None:
        with self._lock:
            self._file.write(json.dumps({"key": key, "word": word, **said}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._last[key] = word
            self._said.setdefault(key, {}).update(said)

    def keys(self, word: str, kind: str) -> dict[str, dict[str, Any]]:
        """Keys of this kind (the part before the colon) whose last word this is, with what was said."""
        with self._lock:
            return {
                key: dict(self._said[key])
                for key, last in self._last.items()
                if last == word and key.startswith(f"{kind}:")
            }

    def counts(self) -> Counter[str]:
        with self._lock:
            return Counter(self._last.values())

    def close(self) -> None:
        self._file.close()
