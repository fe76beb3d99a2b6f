"""The library of clauses and the legal notices printed on papers. Data, not code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "data" / "clauses.json"


@cache
def library() -> dict[str, Any]:
    """The active library: `groups` of clauses with 【placeholders】, and `notices` with their law."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def notice(name: str) -> str:
    """One legal notice with the law it rests on."""
    entry = library()["notices"][name]
    return f"{entry['text']}（依据：{entry['law']}）"
