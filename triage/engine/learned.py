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

    def rank(self, features: Iterable[str]) -> Opinion:
        """What the model makes of one alert's features. Deterministic; about 0.1 ms."""
        raw = self._raw(features, slice(0, len(self.codes) + 1))
        items = raw[:-1] - raw[:-1].max()
        items = items - np.log(np.exp(items).sum())
        return Opinion(dict(zip(self.codes, items.tolist(), strict=True)), _share(float(raw[-1])))

    def confirms(self, factor: str, features: Iterable[str]) -> float:
        """How sure the model is that the words in this window are the factor; 0 for one it never learned."""
        column = self._confirmers.get(factor)
        return 0.0 if column is None else _share(float(self._raw(features, slice(column, column + 1))[0]))

    def _raw(self, features: Iterable[str], heads: slice) -> NDArray[np.float32]:
        places = self.places
        found = sorted({places[feature] for feature in features if feature in places})
        if not found:
            return self.bias[heads]
        rarity = self.rarity[found]
        summed = rarity @ self.weights[found, heads].astype(np.float32)
        length = math.sqrt(float(rarity @ rarity))
        answer: NDArray[np.float32] = summed / length * self.scale[heads] + self.bias[heads]
        return answer


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


def model_file(name: str) -> Path:
    """Where a model of that name is kept."""
    return _FOLDER / f"{name}.npz"
