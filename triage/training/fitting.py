"""Fits the learned part: one linear model with heads for the item, for "is a dispute" and for each factor.

The item head reads characters and what the rules made of the alert; a factor's head reads the words around
each of the factor's hints and learns when they mean it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from triage.engine import factors as factor_finding
from triage.engine import features, outside
from triage.engine.kinds import Span
from triage.engine.learned import Model, grams, model_file
from triage.engine.matching import hinted
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet
from triage.engine.scoring import report_of
from triage.training.corpus import Sample

# A factor whose hints were seen less often than this, meant or not, is left to the rules.
_LEAST_SEEN = 12
# Chosen by cross-validation: yes-or-no heads over {1, 3, 10, 30}, items over {0.1, 0.3, 1} and their spread
# over {3, 6}.
_HEAD_C, _ITEM_C, _SHARPNESS = 10.0, 1.0, 3.0
_SEEN_IN_AT_LEAST = 3


@dataclass(frozen=True)
class Example:
    """One corpus alert as features: of the whole, and of the window around each hint of each factor."""

    sample: Sample
    whole: frozenset[str]
    windows: tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True)
class _Head:
    weights: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]


def examples_of(samples: Sequence[Sample], rules: RuleSet) -> list[Example]:
    """The corpus as the rules read it, without any learned part."""
    bare = replace(rules, learned=None)
    return [_example(sample, bare) for sample in samples]


def _example(sample: Sample, rules: RuleSet) -> Example:
    report = report_of(sample.labelled(0))
    reading = Reading(report.narrative, rules)
    findings = factor_finding.find(report, reading, rules)
    scores = rules.items.scores(reading.text)
    codes = sorted(findings.codes)
    whole = grams(reading.text) | features.of_alert(report, codes, scores, outside.strength(reading, rules))
    windows = tuple(
        (rule.code, frozenset(_window(reading, span, rule.code)))
        for rule in rules.factors.values()
        for span in hinted(rule, reading)
    )
    return Example(sample, frozenset(whole), windows)


def _window(reading: Reading, span: Span, factor: str) -> set[str]:
    start, end = features.window(reading, span)
    return grams(reading.text[start:end]) | features.of_hint(reading, span, factor)


def fit(examples: Sequence[Example], *, meta: dict[str, Any]) -> Model:
    """A model of these examples. The same examples give the same model."""
    vectorizer = TfidfVectorizer(analyzer=sorted, binary=True, min_df=_SEEN_IN_AT_LEAST)
    # An alert counts once for each feature, however many hints stand in it.
    vectorizer.fit([example.whole.union(*(window for _, window in example.windows)) for example in examples])
    table = vectorizer.transform([example.whole for example in examples])
    items = LinearSVC(C=_ITEM_C, random_state=0).fit(table, [example.sample.item for example in examples])
    heads = [_Head(_SHARPNESS * items.coef_, _SHARPNESS * items.intercept_)]
    heads.append(_yes_or_no(table, [example.sample.is_dispute for example in examples]))
    factors = []
    for code in sorted({code for example in examples for code, _ in example.windows}):
        seen = [(window, code in e.sample.factors) for e in examples for c, window in e.windows if c == code]
        meant = [answer for _, answer in seen]
        if min(sum(meant), len(meant) - sum(meant)) >= _LEAST_SEEN:
            factors.append(code)
            heads.append(_yes_or_no(vectorizer.transform([window for window, _ in seen]), meant))
    weights = np.vstack([head.weights for head in heads]).T
    scale = np.abs(weights).max(axis=0) / 127.0
    return Model(
        meta={**meta, "codes": items.classes_.tolist(), "factors": factors},
        places=dict(vectorizer.vocabulary_),
        rarity=vectorizer.idf_.astype(np.float32),
        weights=np.round(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=np.concatenate([head.bias for head in heads]).astype(np.float32),
    )


def _yes_or_no(table: Any, answers: list[bool]) -> _Head:
    fitted = LogisticRegression(C=_HEAD_C, class_weight="balanced", solver="liblinear").fit(table, answers)
    return _Head(fitted.coef_, fitted.intercept_)


def store(model: Model, name: str) -> Path:
    """Write the model where `load_model` finds it; the file."""
    vocabulary = sorted(model.places, key=lambda feature: model.places[feature])
    file = model_file(name)
    file.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        file,
        meta=np.array(json.dumps(model.meta, ensure_ascii=False, sort_keys=True)),
        vocabulary=np.array("\n".join(vocabulary)),
        rarity=model.rarity,
        weights=model.weights,
        scale=model.scale,
        bias=model.bias,
    )
    return file
