"""The list of dispute kinds, read from the package's own copy of the published table."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from triage.engine.kinds import Side

OUTSIDE = "X0000"
_FILE = Path(__file__).resolve().parent.parent / "data" / "taxonomy.csv"


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of dispute with the departments that lead it, most competent first."""

    code: str
    name: str
    class_code: str
    class_name: str
    side: Side
    lead_departments: tuple[str, ...]
    national_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taxonomy:
    """Items by code; `X0000` is outside: police work that is no dispute."""

    items: Mapping[str, Item]
    classes: Mapping[str, str]

    def __getitem__(self, code: str) -> Item:
        return self.items[code]

    def __contains__(self, code: object) -> bool:
        return code in self.items

    def find(self, words: str) -> Item | None:
        """The item of a code or of its exact name, else None."""
        words = words.strip()
        if words in self.items:
            return self.items[words]
        return next((item for item in self.items.values() if item.name == words), None)


def parse_taxonomy(lines: list[str]) -> Taxonomy:
    """Taxonomy from CSV lines with the published header; KeyError or ValueError names what is missing."""
    items: dict[str, Item] = {}
    classes: dict[str, str] = {}
    for row in csv.DictReader(lines):
        side: Literal["police", "non_police"] = "police" if row["side"] == "police" else "non_police"
        item = Item(
            code=row["item_code"],
            name=row["item_name"],
            class_code=row["class_code"],
            class_name=row["class_name"],
            side=side,
            lead_departments=_split(row["lead_departments"]),
            national_codes=_split(row.get("gbt31000_code_if_any") or ""),
        )
        if not item.code or item.code in items:
            raise ValueError(f"taxonomy: item code missing or twice: {item.code!r}")
        items[item.code] = item
        classes[item.class_code] = item.class_name
    items[OUTSIDE] = Item(OUTSIDE, "非纠纷警情", "X00", "非纠纷警情", "police", ("派出所",))
    return Taxonomy(MappingProxyType(items), MappingProxyType(classes))


def _split(words: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in words.split(";") if part.strip())


@lru_cache(maxsize=8)
def load_taxonomy(path: str | Path | None = None) -> Taxonomy:
    """The taxonomy of a file, the package's own when no path is given. Cached."""
    file = Path(path) if path else _FILE
    return parse_taxonomy(file.read_text(encoding="utf-8-sig").splitlines())
