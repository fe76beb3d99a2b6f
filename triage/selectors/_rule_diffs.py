"""What differs between two versions of the rules, part by part, word by word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from triage.engine import parts
from triage.selectors._rule_sets import advice_name, part_title
from triage.selectors._rule_words import KIND_NAMES, SCOPE_NAMES, field_name

_COLOURS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: the words that went and the words that came."""

    label: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartChange:
    """One part that differs; `sign` is ＋ for a new part, － for one that is gone, "" for a changed one."""

    key: str
    title: str
    kind_name: str
    sign: str
    fields: tuple[FieldChange, ...]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[PartChange]:
    """Every part that differs, in the order of the kinds; [] for the same rules. No query."""
    found = []
    for kind in (*parts.KINDS, parts.WAIVED):
        before, after = parts.keys_of(old, kind), parts.keys_of(new, kind)
        for key in dict.fromkeys([*before, *after]):
            one, other = parts.part_of(old, key), parts.part_of(new, key)
            if one != other:
                sign = "＋" if one is None else "－" if other is None else ""
                title = part_title(new if other is not None else old, key)
                name = KIND_NAMES.get(kind, "硬性因素调整理由")
                found.append(PartChange(key, title, name, sign, tuple(_fields("", one, other, key))))
    return found


def _fields(label: str, one: Any, other: Any, part: str = "") -> Iterator[FieldChange]:
    """Changes below a value, the part itself at first; a value that is absent on one side is None."""
    if one == other:
        return
    if isinstance(one or other, Mapping):
        one, other = one or {}, other or {}
        for name in dict.fromkeys([*one, *other]):
            yield from _fields(_join(label, _name_of(name, part)), one.get(name), other.get(name))
    elif isinstance(one or other, list):
        yield from _lists(label, one or [], other or [])
    else:
        yield _texts(label, one, other)


def _lists(label: str, one: list[Any], other: list[Any]) -> Iterator[FieldChange]:
    if not any(isinstance(entry, Mapping) for entry in (*one, *other)):
        removed = tuple(_line(entry) for entry in one if entry not in other)
        added = tuple(_line(entry) for entry in other if entry not in one)
        yield FieldChange(label, removed, added if removed or added else ("仅次序不同",))
        return
    # Patterns are paired where they stand alike, so that one put in between does not change all others.
    matcher = SequenceMatcher(None, [repr(entry) for entry in one], [repr(entry) for entry in other], False)
    for _, i1, i2, j1, j2 in matcher.get_opcodes():
        before, after = one[i1:i2], other[j1:j2]
        for place in range(max(len(before), len(after))):
            name = f"{label}第{max(i1, j1) + place + 1}条"
            left = before[place] if place < len(before) else None
            right = after[place] if place < len(after) else None
            yield from _fields(name, left, right)


def _texts(label: str, one: Any, other: Any) -> FieldChange:
    before, after = _words(one), _words(other)
    removed = tuple(word for word in before if word not in after)
    added = tuple(word for word in after if word not in before)
    if removed or added:
        return FieldChange(label, removed, added)
    return FieldChange(label, (_line(one),), (_line(other),))


def _words(value: Any) -> list[str]:
    """A pattern at its outer |; any other value as one word."""
    if value is None:
        return []
    text, found, depth, start = _line(value), [], 0, 0
    for place, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == "|" and depth == 0:
            found.append(text[start:place])
            start = place + 1
    return [word for word in (*found, text[start:]) if word]


def _line(value: Any) -> str:
    if isinstance(value, list):
        # A cue or a threshold of people: words with their number.
        return " ".join(field_name(str(entry)) for entry in reversed(value))
    text = str(value)
    return _COLOURS.get(text) or SCOPE_NAMES.get(text, text)


def _name_of(name: str, part: str) -> str:
    """What a field is called: a list of the grammar, what a line of advice is for, or its own name."""
    kind, _, section = part.partition("/")
    return advice_name({}, section, name) if kind == "advice" else field_name(name, part)


def _join(label: str, name: str) -> str:
    return f"{label} · {name}" if label else name
