"""The versions of the rules: which there are, what they hold, who may do what with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import User
from dispute_hub.common.errors import OutOfScope
from triage.engine import load_rules, load_taxonomy, needs, parts
from triage.engine.kinds import COLOURS
from triage.models import RuleSet
from triage.selectors._matters import item_name
from triage.selectors._rule_words import KIND_HELP, KIND_NAMES, PART_NAMES, field_name

Status = RuleSet.Status
# A preview of a list of words in one line of a table.
_WORDS_SHOWN = 60
# Kinds of which the engine reads each name: a draft from before an upgrade is shown complete.
_COMPLETED = ("learned", "thresholds", "advice", "grammar")


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of a rule set in a list: its key, how it is called, what it holds in one line."""

    key: str
    title: str
    sub: str
    summary: str
    colour: str = ""
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """The parts of one kind, and the kinds as tabs (title, url, count, is_current)."""

    kind: str
    help: str
    rows: list[PartRow]
    tabs: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RuleSetView:
    """A version with the people behind it and what the reader may do with it now."""

    rule_set: RuleSet
    state: str
    editors: list[str]
    acts: frozenset[str]


def versions() -> QuerySet[RuleSet]:
    """Every version without its content, the newest first; one query."""
    people = ("author", "submitted_by", "approver", "based_on")
    return RuleSet.objects.select_related(*people).defer("content", "based_on__content").order_by("-id")


def version_rows() -> list[tuple[RuleSet, str]]:
    """Every version with its state in words: drafts, then the one in force, then the earlier ones."""
    order = {Status.DRAFT: 0, Status.ACTIVE: 1, Status.RETIRED: 2}
    return [(row, state_word(row)) for row in sorted(versions(), key=lambda row: order[Status(row.status)])]


def to_compare(rule_set: RuleSet, against: str) -> RuleSet | None:
    """The version asked for by id, else the one this was drafted from, else the one in force."""
    found = RuleSet.objects.exclude(pk=rule_set.pk)
    if against:
        other = found.filter(pk=int(against)).first() if against.isascii() and against.isdigit() else None
        if other is None:
            raise OutOfScope()
        return other
    base = Q(pk=rule_set.based_on_id) if rule_set.based_on_id else Q(status=Status.ACTIVE)
    return found.filter(base).first()


def get_rule_set(rule_set_id: int) -> RuleSet:
    """A version with its content; raises OutOfScope for one that does not exist."""
    people = ("author", "submitted_by", "approver", "based_on")
    found = RuleSet.objects.select_related(*people).defer("based_on__content").filter(pk=rule_set_id).first()
    if found is None:
        raise OutOfScope()
    return found


def state_word(rule_set: RuleSet) -> str:
    """The state as people say it: a draft may wait for approval, a retired one may never have been used."""
    if rule_set.status == Status.DRAFT and rule_set.submitted_at:
        return "待审核启用"
    if rule_set.status == Status.RETIRED and rule_set.activated_at is None and rule_set.author_id:
        return "已作废"
    return str(rule_set.get_status_display())


def rule_set_view(rule_set: RuleSet, actor: PostActor) -> RuleSetView:
    """The version as this reader sees it; acts are edit, submit, discard, activate, draft. One query."""
    names = dict(User.objects.filter(pk__in=rule_set.editors).values_list("pk", "full_name"))
    editors = [names[pk] for pk in rule_set.editors if pk in names]
    return RuleSetView(rule_set, state_word(rule_set), editors, frozenset(_acts(rule_set, actor)))


def _acts(rule_set: RuleSet, actor: PostActor) -> Iterable[str]:
    if rule_set.status != Status.DRAFT:
        return ("draft",)
    if rule_set.submitted_by_id is None:
        return ("edit", "discard", "submit")
    mine = actor.user.pk in {rule_set.author_id, rule_set.submitted_by_id, *rule_set.editors}
    return ("edit", "discard") if mine else ("edit", "discard", "activate")


def contents(rule_set: RuleSet, kind: str) -> Contents:
    """What a version holds of one kind; raises OutOfScope for an unknown kind. No query."""
    if kind not in KIND_NAMES:
        raise OutOfScope()
    tabs = [
        {
            "title": title,
            "url": f"?kind={one}#parts",
            "count": None if one in parts.WHOLE else len(parts.keys_of(rule_set.content, one)),
            "is_current": one == kind,
        }
        for one, title in KIND_NAMES.items()
    ]
    rows = [*_lacking_rows(rule_set, kind), *part_rows(rule_set.content, kind)]
    return Contents(kind, KIND_HELP[kind], rows, tabs)


def _lacking_rows(rule_set: RuleSet, kind: str) -> list[PartRow]:
    """Parts that the engine reads and this version lacks as a whole: it cannot come into force so."""
    content = rule_set.content
    places = [place.split("/") for place in needs.missing(content) if place.split("/")[0] == kind]
    keys = dict.fromkeys("/".join(place[:2]) for place in places)
    gone = [key for key in keys if key not in parts.WHOLE and parts.part_of(content, key) is None]
    said = "本版没有，研判要用到；打开核对后保存即补齐"
    return [PartRow(key, part_title(content, key), key.partition("/")[2], said) for key in gone]


def part_rows(content: Mapping[str, Any], kind: str) -> list[PartRow]:
    """The parts of one kind, factors gravest first, the others by name; KeyError for an unknown kind."""
    rows = [_row(content, key) for key in parts.keys_of(content, kind)]
    if kind == "factor":
        order: dict[str, int] = {colour: place for place, colour in enumerate(reversed(COLOURS))}
        return sorted(rows, key=lambda row: (order.get(row.colour, 9), -(row.points or 0)))
    return sorted(rows, key=lambda row: row.key)


def part_title(content: Mapping[str, Any], key: str) -> str:
    """The name of a part: that of the factor, of the matter, or of the list."""
    kind, _, name = key.partition("/")
    if kind == "factor":
        return _factor_name(content, name)
    if kind == "items":
        return item_name(name)
    return PART_NAMES.get(key) or (KIND_NAMES[kind] if kind in parts.WHOLE else name)


def part_name(key: str) -> str:
    """The name of a part by the package's own rules, where there is no content at hand."""
    return part_title({}, key)


def _factor_name(content: Mapping[str, Any], code: str) -> str:
    own = load_rules().factors.get(code)
    stored = parts.part_of(content, f"factor/{code}") or {}
    return str(stored.get("name") or (own.name if own else "新因素"))


def advice_name(content: Mapping[str, Any], section: str, name: str) -> str:
    """What a line of advice is for: its factor, its class of matters, or its field."""
    if section == "factor":
        return _factor_name(content, name)
    if section == "item_class":
        classes = {item.class_code: item.class_name for item in load_taxonomy().items.values()}
        return classes.get(name, name)
    return field_name(name)


def part_to_edit(rule_set: RuleSet, key: str) -> Any:
    """The value of a part as its form shows it.

    In a draft, what the engine reads and the draft lacks stands there as the package has it, to be
    looked at and saved. None for a part that neither has.
    """
    stored = parts.part_of(rule_set.content, key)
    if rule_set.status != Status.DRAFT:
        return stored
    own = parts.part_of(load_rules().draft, key)
    kind = key.partition("/")[0]
    if kind in _COMPLETED and isinstance(own, Mapping):
        return {**own, **(stored or {})}
    return own if stored is None else stored


def _row(content: Mapping[str, Any], key: str) -> PartRow:
    value, title = parts.part_of(content, key), part_title(content, key)
    kind, _, name = key.partition("/")
    if kind == "factor":
        count, hints = len(value.get("patterns", [])), len(value.get("hints", []))
        counted = [f"{count}条词语"] * bool(count) + [f"{hints}条提示词语"] * bool(hints)
        said = "，".join(counted) or "由引擎按事实判断"
        return PartRow(key, title, name, said, value.get("floor", ""), value.get("points"))
    return PartRow(key, title, name, _summary(kind, value))


def _summary(kind: str, value: Any) -> str:
    if kind == "harmless":
        return f"{len(value.get('words', []))}个词语"
    if kind == "items":
        return f"{len(value.get('cues', []))}条线索"
    if kind == "learned":
        return f"{value.get('model') or '不使用学习模型'}，认定门槛{value.get('sure_from', '未填')}"
    if value is None:
        return "本版没有，研判要用到；打开核对后保存即补齐"
    if isinstance(value, Mapping):
        return f"{len(value)}项"
    text = str(value)
    return text if len(text) <= _WORDS_SHOWN else f"{text[:_WORDS_SHOWN]}…"
