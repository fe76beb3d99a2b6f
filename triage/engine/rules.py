"""A rule set: everything that may change between versions, read from data and compiled once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from triage.engine.items import ItemRules, compile_items
from triage.engine.kinds import COLOURS, Colour
from triage.engine.learned import Model, load_model
from triage.engine.needs import missing
from triage.engine.prefilter import Index, file_patterns
from triage.engine.reading import SCOPES
from triage.engine.text import Spelling

_DATA = Path(__file__).resolve().parent.parent / "data"
_PARTS = {"items": "items_v1.toml", "advice": "advice_v1.toml", "grammar": "grammar_v1.toml"}
_RULES, _FACTORS = "rules_v1.toml", ("factors_grave_v1.toml", "factors_v1.toml")
_LEXICON_NAME = re.compile(r"\{([a-z_]+)\}")
_LONG_GAP = re.compile(r"<<(\d+)>>")
_GAP = re.compile(r"<(\d+)>")


Grammar = Mapping[str, re.Pattern[str]]


class RuleError(ValueError):
    """The rule set cannot be used; the message names the factor and the field."""


@dataclass(frozen=True)
class Pattern:
    """One way in which a factor is said.

    `lead` must stand just before, `near` in the sentence, `requires` and `context` anywhere; `unless` must
    not stand in the clause.
    """

    find: re.Pattern[str]
    scope: str
    lead: re.Pattern[str] | None = None
    near: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    requires: re.Pattern[str] | None = None
    context: re.Pattern[str] | None = None
    number: int = -1


@dataclass(frozen=True)
class FactorRule:
    """One factor: its name, the lowest colour it allows by itself, its points inside that colour.

    `patterns` say it by themselves; `hints` are words that may say it, and count only where the learned
    part confirms them in their sentence.
    """

    code: str
    name: str
    short: str
    floor: Colour
    points: int
    reason: str
    patterns: tuple[Pattern, ...]
    hints: tuple[Pattern, ...] = ()
    extra: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    sure_from: float = 0.5
    doubt_below: float = 0.15


@dataclass(frozen=True)
class RuleSet:
    """A version of the rules, compiled. `draft` holds the plain data it was made from."""

    version: str
    thresholds: Mapping[str, Any]
    lexicon: Mapping[str, str]
    harmless: re.Pattern[str]
    stages: Mapping[str, re.Pattern[str]]
    factors: Mapping[str, FactorRule]
    items: ItemRules
    advice: Mapping[str, Any]
    words: Mapping[str, re.Pattern[str]]
    grammar: Mapping[str, Grammar]
    outside: tuple[tuple[re.Pattern[str], float], ...]
    learned: Model | None
    index: Index
    draft: Mapping[str, Any]
    spelling: Spelling


def compile_rules(draft: Mapping[str, Any]) -> RuleSet:
    """Rule set from plain data (the shape of data/*.toml, or the same as JSON from a stored version).

    Raises RuleError for a bad pattern, unknown scope, floor or word list, or negative points, and for
    content that lacks something the engine reads.
    """
    lacking = next(missing(draft), "")
    if lacking:
        raise RuleError(f"{lacking}: the engine reads it and the rules lack it")
    lexicon = _lexicon(draft["lexicon"])
    factors: dict[str, FactorRule] = {}
    for entry in draft["factor"]:
        rule = _factor(entry, lexicon, draft["learned"])
        if rule.code in factors:
            raise RuleError(f"{rule.code}: factor stands twice")
        factors[rule.code] = rule
    factors, index = _numbered(factors)
    return RuleSet(
        version=str(draft["version"]),
        thresholds=draft["thresholds"],
        lexicon=lexicon,
        harmless=_compile(
            "|".join(sorted(draft["harmless"]["words"], key=len, reverse=True)), lexicon, "harmless"
        ),
        stages={name: _compile(text, lexicon, name) for name, text in draft["stages"].items()},
        factors=factors,
        items=compile_items(draft["items"]),
        advice=draft["advice"],
        words={name: re.compile(words) for name, words in lexicon.items()},
        grammar={name: _grammar(name, section, lexicon) for name, section in draft["grammar"].items()},
        outside=tuple(
            (_compile(str(words), lexicon, "grammar.outside.weighted"), float(weight))
            for words, weight in draft["grammar"]["outside"]["weighted"]
        ),
        learned=_learned(str(draft["learned"]["model"])),
        index=index,
        draft=draft,
        spelling=_spelling(draft["grammar"].get("spelling", {})),
    )


def _spelling(lists: Mapping[str, str]) -> Spelling:
    try:
        return Spelling(lists.values())
    except ValueError as error:
        raise RuleError(f"grammar.spelling: {error}") from error


def _numbered(factors: dict[str, FactorRule]) -> tuple[dict[str, FactorRule], Index]:
    """Every pattern and hint with a number, and the index that tells which a text may hold."""
    every = [one for rule in factors.values() for one in (*rule.patterns, *rule.hints)]
    numbers = iter(range(len(every)))

    def number(patterns: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
        return tuple(replace(one, number=next(numbers)) for one in patterns)

    numbered = {
        code: replace(rule, patterns=number(rule.patterns), hints=number(rule.hints))
        for code, rule in factors.items()
    }
    return numbered, file_patterns(one.find for one in every)


def _learned(name: str) -> Model | None:
    if not name:
        return None
    try:
        return load_model(name)
    except FileNotFoundError as error:
        raise RuleError(f"learned.model: this product has no model {name!r}") from error


def _lexicon(lists: Mapping[str, Any]) -> dict[str, str]:
    """Word lists with the lists they name ({blade} in {weapon}) written out; RuleError for a circle."""
    ready: dict[str, str] = {}

    def write_out(name: str, path: tuple[str, ...]) -> str:
        if name in path:
            raise RuleError(f"lexicon.{path[0]}: word lists name each other: {' → '.join((*path, name))}")
        if name not in ready:
            text = str(lists[name])
            for inner in set(_LEXICON_NAME.findall(text)):
                if inner not in lists:
                    raise RuleError(f"lexicon.{name}: unknown word list {inner!r}")
                text = text.replace(f"{{{inner}}}", write_out(inner, (*path, name)))
            ready[name] = text
        return ready[name]

    return {name: write_out(name, ()) for name in lists}


def _grammar(name: str, section: Mapping[str, Any], lexicon: Mapping[str, str]) -> Grammar:
    return {
        key: _compile(words, lexicon, f"grammar.{name}.{key}")
        for key, words in section.items()
        if isinstance(words, str)
    }


def _factor(entry: Mapping[str, Any], lexicon: Mapping[str, str], learned: Mapping[str, Any]) -> FactorRule:
    code = str(entry["code"])
    if entry.get("floor") not in COLOURS:
        raise RuleError(f"{code}.floor: must be one of {', '.join(COLOURS)}")
    if int(entry["points"]) < 0:
        raise RuleError(f"{code}.points: must not be negative")
    patterns, hints = (
        tuple(_pattern(one, lexicon, f"{code}.{kind}[{n}]") for n, one in enumerate(entry.get(kind, ())))
        for kind in ("patterns", "hints")
    )
    extra = {
        name: _compile(str(entry[name]), lexicon, f"{code}.{name}")
        for name in ("means", "behaviour", "record")
        if name in entry
    }
    floor = cast(Colour, entry["floor"])
    return FactorRule(
        code,
        str(entry["name"]),
        str(entry["short"]),
        floor,
        int(entry["points"]),
        str(entry["reason"]),
        patterns,
        hints,
        extra,
        sure_from=float(entry.get("sure_from", learned["sure_from"])),
        doubt_below=float(entry.get("doubt_below", learned.get("doubt_below", 0.0))),
    )


def _pattern(entry: Mapping[str, Any], lexicon: Mapping[str, str], where: str) -> Pattern:
    scope = str(entry.get("scope", "event"))
    if scope not in SCOPES:
        raise RuleError(f"{where}.scope: unknown scope {scope!r}")

    def part(name: str) -> re.Pattern[str] | None:
        if name not in entry:
            return None
        text = f"(?:{entry[name]})[^,。]{{0,12}}$" if name == "lead" else str(entry[name])
        return _compile(text, lexicon, f"{where}.{name}")

    return Pattern(
        _compile(str(entry["find"]), lexicon, f"{where}.find"),
        scope,
        part("lead"),
        part("near"),
        part("unless"),
        part("requires"),
        part("context"),
    )


def _compile(text: str, lexicon: Mapping[str, str], where: str) -> re.Pattern[str]:
    def words(match: re.Match[str]) -> str:
        if match[1] not in lexicon:
            raise RuleError(f"{where}: unknown word list {match[1]!r}")
        return f"(?:{lexicon[match[1]]})"

    text = _LEXICON_NAME.sub(words, text)
    text = _LONG_GAP.sub(r"[^。]{0,\1}?", text)
    text = _GAP.sub(r"[^,。]{0,\1}?", text)
    try:
        return re.compile(text)
    except re.error as error:
        raise RuleError(f"{where}: {error}") from error


@lru_cache(maxsize=8)
def load_rules(path: str | Path | None = None) -> RuleSet:
    """The rule set of a folder with the data files, the package's version 1 when no path is given. Cached.

    Raises RuleError when the data cannot be used.
    """
    folder = Path(path) if path else _DATA
    draft = _read(folder / _RULES)
    draft |= {name: _read(folder / file) for name, file in _PARTS.items()}
    draft["factor"] = [factor for file in _FACTORS for factor in _read(folder / file)["factor"]]
    return compile_rules(draft)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
