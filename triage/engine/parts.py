"""The content of a rule set in parts that are edited, checked and compared one at a time.

A part has a key: `factor/weapon`, `learned`, `harmless`, `lexicon/blade`, `stages/settled`, `thresholds`,
`items/N0101`, `advice/colour`, `grammar/reading`. A place inside a part goes on from its key:
`factor/weapon/patterns/3/find`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

KINDS: Final = (
    "factor", "learned", "harmless", "lexicon", "stages", "thresholds", "items", "advice", "grammar",
)  # fmt: skip
# Why a hard trigger may be missing or lowered, by factor code: `waived/weapon`.
WAIVED: Final = "waived"
_KNOWN = (*KINDS, WAIVED)
WHOLE: Final = ("learned", "harmless", "thresholds")
# Kinds of which a person may make a new part or take one away.
OPEN_KINDS: Final = ("factor", "lexicon", "items")


def keys_of(content: Mapping[str, Any], kind: str) -> list[str]:
    """Keys of the parts of a kind, in the order of the content. KeyError for an unknown kind."""
    if kind not in _KNOWN:
        raise KeyError(kind)
    if kind in WHOLE:
        return [kind]
    if kind == "factor":
        return [f"factor/{entry.get('code', '')}" for entry in content.get("factor", ())]
    return [f"{kind}/{name}" for name in content.get(kind, {})]


def part_of(content: Mapping[str, Any], key: str) -> Any:
    """The value of a part, as stored; None when the content has no such part."""
    kind, _, name = key.partition("/")
    if kind in WHOLE:
        return content.get(kind) if not name else None
    if kind == "factor":
        return next((entry for entry in content.get("factor", ()) if entry.get("code") == name), None)
    return content.get(kind, {}).get(name) if kind in _KNOWN else None


def with_parts(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with parts replaced, added at the end, or (None) taken away. KeyError for an unknown kind."""
    made = copy.deepcopy(dict(content))
    for key, value in changes.items():
        kind, _, name = key.partition("/")
        if kind not in _KNOWN or bool(name) == (kind in WHOLE):
            raise KeyError(key)
        if kind in WHOLE:
            made[kind] = value
        elif kind == "factor":
            made["factor"] = _with_factor(made.get("factor", []), name, value)
        elif value is None:
            made.get(kind, {}).pop(name, None)
        else:
            made.setdefault(kind, {})[name] = value
    return made


def _with_factor(factors: list[Any], code: str, value: Any) -> list[Any]:
    if value is None:
        return [entry for entry in factors if entry.get("code") != code]
    if all(entry.get("code") != code for entry in factors):
        return [*factors, value]
    return [value if entry.get("code") == code else entry for entry in factors]
