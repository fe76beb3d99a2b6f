"""The form of one factor: what it is worth and the words it is known by; and which form edits which part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms

from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.forms import line
from triage import engine, rule_forms, selectors
from triage.engine import parts
from triage.models import RuleSet
from triage.rule_forms import PartForm, one_line, reason_field, share_fields, with_shares
from triage.selectors import SCOPE_NAMES, field_name

COLOURS: Final = (("red", "红"), ("orange", "橙"), ("yellow", "黄"), ("blue", "蓝"))
CONDITIONS: Final = ("lead", "near", "unless", "requires", "context")
EXTRAS: Final = ("means", "behaviour", "record")
BLANKS: Final = 2
_WORDS_SHOWN: Final = 80
GROUPS: Final = {
    "patterns": "出现任何一条即命中。",
    "hints": "不够明确的说法：只有学习模型也认为有此情形时才算，不能单独命中。",
}
_WHY: Final = "红色硬性因素降低预警色或删除时必填。"
_HELP: Final = {
    "lead": "紧挨在识别词语之前出现",
    "near": "同一句话里出现",
    "unless": "同一小句里出现就不算",
    "requires": "整段警情里出现",
    "context": "整段警情里出现",
}


class FactorForm(PartForm):
    """One factor with its patterns, and a few empty places for new ones."""

    def build(self) -> None:
        entry = self.shown or {"name": "", "short": "", "floor": "", "points": "", "patterns": []}
        self.fields["name"] = line("名称", 40, initial=entry["name"])
        self.fields["short"] = line(
            "简称", 40, initial=entry["short"], help_text="写进一句话结论，如“持械”。"
        )
        self.fields["floor"] = forms.ChoiceField(
            label=field_name("floor"), choices=COLOURS, initial=entry["floor"], widget=forms.RadioSelect
        )
        self.fields["points"] = forms.IntegerField(label="分值", initial=entry["points"])
        self.fields["reason"] = reason_field(entry.get("reason", ""))
        self.fields |= share_fields(entry, False)
        if self._is_trigger(entry["floor"]):
            self.words_field("waived", "调整理由", self._waived_for or "", 2, required=False, help_text=_WHY)
        for name in EXTRAS:
            if name in entry:
                self.words_field(name, field_name(name), entry[name], 4)
        self.counts = {group: len(entry.get(group, ())) + BLANKS for group in GROUPS}
        for group, count in self.counts.items():
            given = entry.get(group, ())
            for index in range(count):
                self._pattern_fields(f"{group}_{index}", given[index] if index < len(given) else {})

    def _is_trigger(self, floor: str) -> bool:
        """Whether the factor is, or was by the package, a hard trigger, so that lowering needs a reason."""
        own = engine.load_rules().factors.get(self.name)
        return floor == "red" or bool(self._waived_for) or (own is not None and own.floor == "red")

    @property
    def _waived(self) -> str:
        return f"{parts.WAIVED}/{self.name}"

    @property
    def _waived_for(self) -> Any:
        return parts.part_of(self.rule_set.content, self._waived)

    def _pattern_fields(self, place: str, one: Mapping[str, Any]) -> None:
        help_text = "| 或；{词表}；<8> 同小句内隔8个字以内；<<24>> 同句内隔24个字以内。" if not one else ""
        find = one.get("find", "")
        rows = min(6, 2 + len(find) // 120)
        self.words_field(f"{place}_find", "识别词语", find, rows, required=bool(one), help_text=help_text)
        self.fields[f"{place}_scope"] = forms.ChoiceField(
            label="识别方式", choices=list(SCOPE_NAMES.items()), initial=one.get("scope", "event")
        )
        for name in CONDITIONS:
            self.words_field(
                f"{place}_{name}",
                field_name(name),
                one.get(name, ""),
                2,
                required=False,
                help_text=_HELP[name],
            )
        if one:
            self.fields[f"{place}_gone"] = forms.BooleanField(label="删除这一条", required=False)

    def groups(self) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
        """The patterns, then the hints, for the page: name, help, and the bound fields of each."""
        for group, said in GROUPS.items():
            yield field_name(group), said, list(self._shown(group))

    def _shown(self, group: str) -> Iterator[dict[str, Any]]:
        for index in range(self.counts[group]):
            place = f"{group}_{index}"
            conditions, gone = [self[f"{place}_{name}"] for name in CONDITIONS], f"{place}_gone"
            yield {
                "number": index + 1,
                "words": clipped(self[f"{place}_find"].value() or ""),
                "scope_name": SCOPE_NAMES.get(self[f"{place}_scope"].value() or "", "").partition("（")[0],
                "is_folded": not self._errors_at(place) and self.counts[group] > BLANKS,
                "find": self[f"{place}_find"],
                "scope": self[f"{place}_scope"],
                "conditions": conditions,
                "gone": self[gone] if gone in self.fields else None,
                "is_open": any(field.errors or field.value() for field in conditions),
                "is_new": gone not in self.fields,
            }

    def _errors_at(self, place: str) -> bool:
        return any(name.startswith(f"{place}_") for name in self.errors) if self.is_bound else False

    def value(self) -> dict[str, Any]:
        given = self.cleaned_data
        made = dict(self.shown or {"code": self.name})
        made |= {name: given[name] for name in ("name", "short", "floor", "points")}
        made["reason"] = given["reason"].strip()
        made = with_shares(made, given)
        made |= {name: one_line(given[name]) for name in EXTRAS if name in self.fields}
        made["patterns"] = [self._pattern(place) for place in self._kept("patterns")]
        hints = [self._pattern(place) for place in self._kept("hints")]
        if hints or "hints" in made:
            made["hints"] = hints
        return made

    def _kept(self, group: str) -> list[str]:
        given, places = self.cleaned_data, [f"{group}_{index}" for index in range(self.counts[group])]
        return [place for place in places if given.get(f"{place}_find") and not given.get(f"{place}_gone")]

    def _pattern(self, place: str) -> dict[str, Any]:
        given = self.cleaned_data
        written = {name: one_line(given[f"{place}_{name}"]) for name in ("find", *CONDITIONS)}
        return {name: text for name, text in written.items() if text} | {"scope": given[f"{place}_scope"]}

    def wanted(self) -> dict[str, Any]:
        made = super().wanted()
        reason = one_line(self.cleaned_data.get("waived", "")).strip()
        if reason or self._waived_for:
            made["changes"][self._waived] = reason or None
        return made

    def field_of(self, place: str) -> tuple[str, str]:
        found = re.fullmatch(r"(patterns|hints)/(\d+)/(\w+)", place)
        if not found:
            return {"removed": "gone"}.get(place, place), ""
        kept, index = self._kept(found[1]), int(found[2])
        return (f"{kept[index]}_{found[3]}" if index < len(kept) else ""), ""


def clipped(text: str) -> str:
    """The first words of a pattern, for the line under which it is folded."""
    return text if len(text) <= _WORDS_SHOWN else f"{text[:_WORDS_SHOWN]}…"


_FORMS: Final[dict[str, type[PartForm]]] = {
    "factor": FactorForm,
    "learned": rule_forms.LearnedForm,
    "harmless": rule_forms.HarmlessForm,
    "lexicon": rule_forms.WordListForm,
    "stages": rule_forms.WordListForm,
    "thresholds": rule_forms.ThresholdForm,
    "items": rule_forms.CueForm,
    "advice": rule_forms.AdviceForm,
    "grammar": rule_forms.GrammarForm,
}
_NEW_NAMES: Final = {
    "factor": r"[a-z][a-z0-9_]{1,39}",
    "lexicon": r"[a-z][a-z_]{0,39}",
    "items": r"[A-Z][0-9]{4}",
}


def part_form(rule_set: RuleSet, key: str, data: Mapping[str, Any] | None) -> PartForm:
    """The form of a part, or of one that a draft could have; OutOfScope for any other key."""
    kind, _, name = key.partition("/")
    if kind not in _FORMS:
        raise OutOfScope()
    is_draft = rule_set.status == RuleSet.Status.DRAFT
    is_new = is_draft and re.fullmatch(_NEW_NAMES.get(kind, "(?!)"), name) is not None
    if selectors.part_to_edit(rule_set, key) is None and not is_new:
        raise OutOfScope()
    return _FORMS[kind](rule_set, key, data)
