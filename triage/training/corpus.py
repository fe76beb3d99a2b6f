"""The training corpus: alerts written for this product, labelled by item, colour and factors.

One section an item, one alert a line: `colour|factors|source|narrative|other items an expert accepts`;
the colour `-` marks police work or an enquiry without a dispute. All people and places are invented.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "corpus"
_SECTION = re.compile(r"\[(\w+)\]")


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled alert; `colour` is empty where there is no dispute."""

    item: str
    colour: str
    factors: tuple[str, ...]
    source: str
    narrative: str
    also: tuple[str, ...]

    @property
    def is_dispute(self) -> bool:
        return bool(self.colour)

    def labelled(self, number: int) -> dict[str, Any]:
        """The sample in the shape that `evaluate_triage` reads."""
        item = self.item if self.is_dispute else "X0000"
        also = list(self.also) if self.is_dispute else [self.item]
        return {
            "id": f"{self.item}-{number}",
            "received_at": "2026-06-01T12:00:00+08:00",
            "source": self.source,
            "narrative": self.narrative,
            "prior_alerts": [],
            "expected": {
                "dispute": self.is_dispute,
                "item": item,
                "alternatives": also,
                "colour": self.colour or None,
                "factors": list(self.factors),
            },
        }


def read_corpus(folder: Path = FOLDER) -> list[Sample]:
    """Every sample of the folder, by file name and line. ValueError names a line that cannot be read."""
    samples: list[Sample] = []
    for file in sorted(folder.glob("*.txt")):
        item = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            section = _SECTION.match(line)
            if section:
                item = section[1]
            elif line.strip() and not line.startswith("#"):
                samples.append(_sample(item, line, f"{file.name}:{number}"))
    return samples


def _sample(item: str, line: str, where: str) -> Sample:
    columns = line.split("|")
    if len(columns) != 5 or not item:
        raise ValueError(f"{where}: five columns under a section are wanted")
    colour, factors, source, narrative, also = columns
    colour = "" if colour == "-" else colour
    return Sample(item, colour, tuple(factors.split()), source, narrative, tuple(also.split()))


def digest_of(folder: Path = FOLDER) -> str:
    """The data version: SHA-256 over the corpus files."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.txt")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
