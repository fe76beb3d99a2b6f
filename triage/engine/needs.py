"""What the engine reads of a rule set by name: content that lacks it is refused before any alert is read."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

_GRAMMAR = Path(__file__).resolve().parent.parent / "data" / "grammar_v1.toml"
SECTIONS: Final = (
    "version", "learned", "thresholds", "lexicon", "harmless", "stages", "factor", "items", "advice",
    "grammar",
)  # fmt: skip
# Of the word lists those that finders read themselves; all others are only named by patterns.
NAMES: Final = {
    "learned": ("model", "sure_from"),
    "thresholds": ("crowd", "large_amount", "grudge_days", "aged_from", "minor_below"),
    "lexicon": ("spouse", "kin", "sibling", "lover", "stranger", "self", "helpless"),
    "stages": ("fiction", "fiction_shown", "settled", "unsettled_after"),
    "advice": ("sentence", "urgency", "lower", "colour", "factor"),
}
# Rules from before dialect was read are read as they were.
_OPTIONAL: Final = ("spelling",)
EXTRAS: Final = (("suicide", "means"), ("prior_violence", "record"), ("mental_disorder", "behaviour"))


def missing(draft: Mapping[str, Any]) -> Iterator[str]:
    """Places (as in parts.py) of what the engine reads and the content lacks; the sections first."""
    gone = [name for name in SECTIONS if name not in draft]
    yield from gone
    for section, names in NAMES.items():
        if section not in gone:
            yield from (f"{section}/{name}" for name in names if name not in draft[section])
    if "grammar" not in gone:
        for section, names in grammar_keys().items():
            if section in _OPTIONAL:
                continue
            have = draft["grammar"].get(section, {})
            yield from (f"grammar/{section}/{name}" for name in names if name not in have)
    if "factor" not in gone:
        yield from _missing_extras({str(entry.get("code")): entry for entry in draft["factor"]})


def _missing_extras(factors: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for code, name in EXTRAS:
        if code not in factors:
            yield f"factor/{code}/removed"
        elif name not in factors[code]:
            yield f"factor/{code}/{name}"


@lru_cache(maxsize=1)
def grammar_keys() -> dict[str, tuple[str, ...]]:
    """Sections of the grammar with their names, as the package's own rules have them."""
    stored = tomllib.loads(_GRAMMAR.read_text(encoding="utf-8"))
    return {section: tuple(names) for section, names in stored.items()}
