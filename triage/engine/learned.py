"""The learned part: a small linear model over characters that reads a narrative beside the rules.

It ranks items and says how sure it is that there is a dispute at all; for factors it only confirms or
doubts words that the rules already found. It never sets a colour (handbook, triage). Trained by
`manage.py train_triage` from `triage/corpus`; the rule set names the model it was made with.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_FOLDER = Path(__file__).resolve().parent.parent / "data" / "learned"
LONGEST_GRAM = 3
_NO_WORDS = dict.fromkeys(range(0x21, 0x7F), ",")
_BREAKS = frozenset("。, \"'")


@dataclass(frozen=True, slots=True)
class Opinion:
    """Log shares of the items and the share of "this is a dispute"; never shown as the chance of a crime."""

    items: Mapping[str, float]
    dispute: float


@dataclass(frozen=True)
class Model:
    """Weights by feature, a column a head: one per item, one for "is a dispute", one per factor.

    `meta` tells the data version and the figures of the cross-validation.
    """

    meta: Mapping[str, Any]
    places: Mapping[str, int]
    rarity: NDArray[np.float32]
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.meta["codes"])

    @cached_property
    def _confirmers(self) -> dict[str, int]:
        first = len(self.codes) + 1
        return {code: first + place for place, code in enumerate(self.meta["factors"])}

    def read(self, text: str) -> "TextRead":
        """A uniform text as places of its character groups, ready for any number of questions."""
        return TextRead(self, text)

    def answer(self, found: NDArray[np.int64], heads: slice) -> NDArray[np.float32]:
        """Raw answers of some heads to a set of features, given by their places."""
        if not found.size:
            return self.bias[heads]
        rarity = self.rarity[found]
        summed = rarity @ self.weights[found, heads].astype(np.float32)
        length = math.sqrt(float(rarity @ rarity))
        raw: NDArray[np.float32] = summed / length * self.scale[heads] + self.bias[heads]
        return raw

    def head_of(self, factor: str) -> int | None:
        """The column that confirms a factor; None for one that was never learned."""
        return self._confirmers.get(factor)


class TextRead:
    """One text before one model. Deterministic."""

    def __init__(self, model: Model, text: str) -> None:
        self._model = model
        # No group across a mark was ever learned, so none is found. Numbers and Latin letters tell nothing of
        # a quarrel; a telephone number or pasted markup would only drown the words.
        text = text.translate(_NO_WORDS)
        place = model.places.get
        self._rows = np.full((LONGEST_GRAM, len(text)), -1, np.int64)
        for length in range(1, LONGEST_GRAM + 1):
            groups = zip(*(text[shift:] for shift in range(length)), strict=False)
            found = [place("".join(group), -1) for group in groups]
            self._rows[length - 1, : len(found)] = found
        # Many hints stand in one sentence and ask about the same words.
        self._read: dict[tuple[int, int], NDArray[np.int64]] = {}

    def rank(self, tokens: Iterable[str]) -> Opinion:
        """What the model makes of the whole text and of what the rules said of it."""
        model = self._model
        count = len(model.codes)
        raw = model.answer(self._found(0, self._rows.shape[1], tokens), slice(0, count + 1))
        items = raw[:-1] - raw[:-1].max()
        items = items - np.log(np.exp(items).sum())
        return Opinion(dict(zip(model.codes, items.tolist(), strict=True)), _share(float(raw[-1])))

    def confirms(self, factor: str, start: int, end: int, tokens: Iterable[str]) -> float:
        """How sure the model is that the words in this window are the factor; 0 for one it never learned."""
        head = self._model.head_of(factor)
        if head is None:
            return 0.0
        raw = self._model.answer(self._found(start, end, tokens), slice(head, head + 1))
        return _share(float(raw[0]))

    def _found(self, start: int, end: int, tokens: Iterable[str]) -> NDArray[np.int64]:
        """Places of the groups between two offsets and of the tokens, which no group is ever spelt like."""
        places = self._model.places
        # In order: a set has none, and the sum of floats depends on it.
        named = np.array(sorted({places[token] for token in tokens if token in places}), np.int64)
        return np.concatenate([self._groups(start, end), named])

    def _groups(self, start: int, end: int) -> NDArray[np.int64]:
        found = self._read.get((start, end))
        if found is None:
            lengths = range(1, LONGEST_GRAM + 1)
            rows = [self._rows[one - 1, start : max(start, end - one + 1)] for one in lengths]
            found = np.unique(np.concatenate(rows))
            found = self._read[start, end] = found[found >= 0]
        return found


def _share(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, logit))))


def grams(text: str) -> set[str]:
    """Every group of one to three characters of a uniform text that crosses no mark."""
    found: set[str] = set()
    for start in range(len(text)):
        for length in range(1, LONGEST_GRAM + 1):
            gram = text[start : start + length]
            if len(gram) < length or gram[-1] in _BREAKS:
                break
            found.add(gram)
    return found


@lru_cache(maxsize=4)
def load_model(name: str) -> Model:
    """The stored model of that name. FileNotFoundError when the package has none of it. Cached."""
    with np.load(model_file(name), allow_pickle=False) as stored:
        vocabulary = str(stored["vocabulary"]).split("\n")
        return Model(
            meta=json.loads(str(stored["meta"])),
            places={feature: index for index, feature in enumerate(vocabulary)},
            rarity=stored["rarity"].astype(np.float32),
            weights=stored["weights"],
            scale=stored["scale"],
            bias=stored["bias"],
        )


def stored_models() -> tuple[str, ...]:
    """Names of the models that the package has, in order."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.npz")))


@lru_cache(maxsize=16)
def model_meta(name: str) -> Mapping[str, Any]:
    """What is known of a stored model, without its weights. FileNotFoundError as `load_model`. Cached."""
    with np.load(model_file(name), allow_pickle=False) as stored:
        return dict(json.loads(str(stored["meta"])))


def model_file(name: str) -> Path:
    """Where a model of that name is kept."""
    return _FOLDER / f"{name}.npz"
