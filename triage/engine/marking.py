"""The narrative cut into pieces, so that a page can mark the words a factor rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from triage.engine.kinds import Factor


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the narrative with the codes of the factors that rest on it; no code means plain text."""

    text: str
    factor_codes: tuple[str, ...]


def mark(narrative: str, factors: Iterable[Factor]) -> list[Segment]:
    """Segments in order; joined they are the narrative, whatever the evidence says.

    Spans outside the narrative (earlier alerts, or a later version of the text) are left out.
    """
    spans = [
        (max(0, span.start), min(len(narrative), span.end), factor.code)
        for factor in factors
        for span in factor.evidence
        if span.in_narrative and span.start < len(narrative)
    ]
    cuts = sorted({0, len(narrative), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    segments = []
    for start, end in pairwise(cuts):
        codes = tuple(dict.fromkeys(code for first, last, code in spans if first <= start and end <= last))
        segments.append(Segment(narrative[start:end], codes))
    return segments
