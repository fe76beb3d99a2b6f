"""The words of the engine's grammar, read once from the package's data."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FILE = Path(__file__).resolve().parent.parent / "data" / "grammar_v1.toml"


@lru_cache(maxsize=1)
def _grammar() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def vocabulary(section: str) -> Mapping[str, re.Pattern[str]]:
    """Patterns of a section by name; KeyError for an unknown section."""
    found = {name: re.compile(words) for name, words in _grammar()[section].items() if isinstance(words, str)}
    return MappingProxyType(found)


def weighted(section: str) -> tuple[tuple[re.Pattern[str], float], ...]:
    """Patterns of a section that carry a weight, in the order of the file."""
    return tuple((re.compile(words), float(weight)) for words, weight in _grammar()[section]["weighted"])
