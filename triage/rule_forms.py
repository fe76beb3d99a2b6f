"""What a person fills in to change one part of the rules; a factor has its own form (rule_factor_form.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from dispute_hub.common.errors import Refused
from dispute_hub.common.forms import SubmittedForm, area, line, row_version
from triage import selectors
from triage.engine import parts
from triage.models import RuleSet
from triage.selectors import field_name

LONGEST = 400_000  # a field takes more than a pattern may have, so that the flaw can say how much


class NoteForm(SubmittedForm):
    """Why a new version is drafted."""

    note = line("修改说明", 200, help_text="写明为何修改、准备改哪些因素，启用前由另一人审核。")


class VersionForm(SubmittedForm):
    """An act on a draft as it was on the page; what keeps it from being done is named with its part."""

    row_version = row_version()

    def wanted(self) -> dict[str, Any]:
        return {"edit_no": self.cleaned_data.get("row_version")}

    def refuse(self, refusal: Refused) -> None:
        self.refused_with = 409 if refusal.status == 409 else 422
        said = [f"{place_name(path)}：{text}" for path, texts in refusal.fields.items() for text in texts]
        self.add_error(None, said or refusal.message)


class TrialForm(SubmittedForm):
    """A narrative to try."""

    narrative = forms.CharField(
        label="警情",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 2000}),
        help_text="输入一段警情，立即看到本版与生效版本的结论。不保存；请勿写真实姓名、电话。",
    )


class PartForm(SubmittedForm):
    """One part of a draft. `value()` is what would be stored; None takes the part away."""

    row_version = row_version()
    gone = forms.BooleanField(label="删除此项", required=False)

    def __init__(self, rule_set: RuleSet, key: str, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        self.rule_set, self.key = rule_set, key
        self.kind, _, self.name = key.partition("/")
        self.stored = parts.part_of(rule_set.content, key)
        self.shown = selectors.part_to_edit(rule_set, key)
        self.title = selectors.part_title(rule_set.content, key)  # type: ignore[misc]
        self.kind_name = selectors.KIND_NAMES[self.kind]
        if self.kind not in parts.OPEN_KINDS or self.stored is None:
            del self.fields["gone"]
        self.build()
        self.heading = self.kind_name if key in parts.WHOLE else f"{self.kind_name}：{self.title}"
        self.is_read_only = rule_set.status != RuleSet.Status.DRAFT
        if self.is_read_only:
            for field in self.fields.values():
                field.disabled = True

    def build(self) -> None:
        """Add the fields of this part, filled with what is stored."""

    def value(self) -> Any:
        raise NotImplementedError

    def wanted(self) -> dict[str, Any]:
        gone = self.cleaned_data.get("gone")
        changes = {self.key: None if gone else self.value()}
        return {"changes": changes, "edit_no": self.cleaned_data.get("row_version")}

    def refuse(self, refusal: Refused) -> None:
        """Flaws of this part go to their field, those elsewhere to the head with their place."""
        self.refused_with = 409 if refusal.status == 409 else 422
        for path, texts in refusal.fields.items():
            inside = path == self.key or path.startswith(f"{self.key}/")
            field, before = self.field_of(path[len(self.key) + 1 :]) if inside else ("", "")
            if field in self.fields:
                self.add_error(field, [before + text for text in texts])
            else:
                self.add_error(None, [f"{place_name(path)}：{text}" for text in texts])
        if not refusal.fields:
            self.add_error(None, refusal.message)

    def field_of(self, place: str) -> tuple[str, str]:
        """The form field of a place inside the part, and what to say before its message."""
        return place.partition("/")[0], ""

    def words_field(self, name: str, label: str, text: str, rows: int = 3, **options: Any) -> None:
        self.fields[name] = area(label, LONGEST, rows, initial=text, **options)


class WordListForm(PartForm):
    """A word list or a list of situations: one pattern."""

    def build(self) -> None:
        self.words_field("text", "词语", self.shown or "", 8, help_text="词语之间用 | 隔开。")

    def value(self) -> str:
        return one_line(self.cleaned_data["text"])

    def field_of(self, place: str) -> tuple[str, str]:
        return "text", ""


class HarmlessForm(PartForm):
    """Idioms and harmless compounds, one a line."""

    def build(self) -> None:
        text = "\n".join(self.shown.get("words", ()))
        self.words_field("words", "词语", text, 20, help_text="每行一个词语。")

    def value(self) -> dict[str, Any]:
        return {**self.shown, "words": lines_of(self.cleaned_data["words"])}

    def field_of(self, place: str) -> tuple[str, str]:
        number = place.rpartition("/")[2]
        return "words", f"第{int(number) + 1}行：" if number.isdigit() else ""


class ThresholdForm(PartForm):
    """Amounts, numbers of people, days and counts."""

    def build(self) -> None:
        limits = {**self.shown, **dict(self.shown.get("crowd", ()))}
        for name, number in limits.items():
            if name != "crowd":
                kind = forms.IntegerField if float(number).is_integer() else forms.FloatField
                self.fields[name] = kind(label=field_name(name), initial=number)

    def value(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = {name: given[name] for name in self.shown if name != "crowd"}
        return {**plain, "crowd": [[code, given[code]] for code, _ in self.shown.get("crowd", ())]}


class CueForm(PartForm):
    """The cues of one matter, one a line with its weight before it, and why."""

    def build(self) -> None:
        stored = self.shown or {}
        self.fields["why"] = reason_field(stored.get("why", ""))
        text = "\n".join(weighted_line(words, weight) for words, weight in stored.get("cues", ()))
        said = "每行：权重 空格 词语。如：4 漏水|渗水 & 楼上 ! 空调"
        self.words_field("cues", "线索", text, 10, help_text=said)

    def value(self) -> dict[str, Any]:
        cues = [weighted(text) for text in lines_of(self.cleaned_data["cues"])]
        return {**(self.shown or {}), "why": self.cleaned_data["why"].strip(), "cues": cues}

    def field_of(self, place: str) -> tuple[str, str]:
        return ("why" if place == "why" else "cues"), ""


class LearnedForm(PartForm):
    """Which model confirms hints and ranks items, and how sure it must be."""

    def build(self) -> None:
        self.fields["model"] = forms.ChoiceField(
            label=field_name("model"),
            choices=selectors.model_choices(self.rule_set.content),
            initial=self.shown.get("model", ""),
            required=False,
            help_text="只能选产品自带的模型。换模型后须重新试算。",
        )
        self.fields |= share_fields(self.shown, True)

    def value(self) -> dict[str, Any]:
        return with_shares({**self.shown, "model": self.cleaned_data["model"]}, self.cleaned_data)


class AdviceForm(PartForm):
    """What people read: a line, or several of which each stands on its own."""

    def build(self) -> None:
        for name, text in self.shown.items():
            label = selectors.advice_name(self.rule_set.content, self.name, name)
            said = "\n".join(text) if isinstance(text, list) else text
            self.words_field(name, label, said, 2 if isinstance(text, list) else 1)

    def value(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            name: lines_of(given[name]) if isinstance(text, list) else one_line(given[name])
            for name, text in self.shown.items()
        }


class GrammarForm(PartForm):
    """The words by which sentences are read, each under its own name."""

    def build(self) -> None:
        for name, text in self.shown.items():
            lines, rows = text, 3
            said = selectors.grammar_help(self.name, name)
            if name == "weighted":
                lines, rows = "\n".join(weighted_line(words, weight) for words, weight in text), 16
                said += "每行：权重 空格 词语。"
            self.words_field(name, field_name(name, self.key), lines, rows, help_text=said)

    def value(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            name: [weighted(text) for text in lines_of(given[name])]
            if name == "weighted"
            else one_line(given[name])
            for name in self.shown
        }

    def field_of(self, place: str) -> tuple[str, str]:
        name, _, number = place.partition("/")
        return name, f"第{int(number) + 1}行：" if number.isdigit() else ""


def reason_field(text: str) -> forms.CharField:
    """Why the rule is there: every rule says so."""
    said = "为何有这一条：依据的规定、案例或统计，200字以内。"
    return area(field_name("reason"), 400, 2, initial=text, help_text=said)


def share_fields(stored: Mapping[str, Any], is_required: bool) -> dict[str, forms.FloatField]:
    """How sure the model must be to confirm a hint, and below what it doubts a pattern."""
    said = {
        "sure_from": "0.05至0.95。越低越容易认定提示词语：漏判少、误判多。",
        "doubt_below": "0至0.5。识别词语的把握低于它就不算：越高误判越少、漏判越多；0为不质疑。",
    }
    more = "" if is_required else "不填用学习部分的门槛。"
    return {
        name: forms.FloatField(
            label=field_name(name),
            initial=stored.get(name),
            required=is_required and name == "sure_from",
            help_text=text + more,
            widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        )
        for name, text in said.items()
    }


def with_shares(part: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """A part with the thresholds that were typed; an empty one is not stored."""
    shares = {name: given[name] for name in ("sure_from", "doubt_below")}
    kept = {name: value for name, value in part.items() if name not in shares}
    return kept | {name: share for name, share in shares.items() if share is not None}


def place_name(path: str) -> str:
    """Where a flaw stands, in words: 危险因素 · 持械 · 识别词语."""
    kind, _, rest = path.partition("/")
    name, *places = rest.split("/")
    part = f"{kind}/{name}" if name and kind not in parts.WHOLE else kind
    title = selectors.part_name(part) if part != kind else ""
    if part == kind:
        places = [name, *places]
    named = [f"第{int(one) + 1}条" if one.isdigit() else field_name(one, part) for one in places if one]
    return " · ".join(word for word in (selectors.KIND_NAMES.get(kind, ""), title, *named) if word) or "规则"


def one_line(text: str) -> str:
    """A pattern without the line ends that a browser's wide field invites."""
    return "".join(text.split("\r\n")).replace("\n", "")


def lines_of(text: str) -> list[str]:
    return [one.strip() for one in text.splitlines() if one.strip()]


def weighted_line(words: str, weight: Any) -> str:
    return f"{weight} {words}"


def weighted(text: str) -> list[Any]:
    """`4 漏水|渗水` as words and weight; what is no number stays as typed and is refused at its line."""
    first, _, rest = text.partition(" ")
    try:
        number = float(first)
    except ValueError:
        return [text, ""]
    return [rest.strip(), int(number) if number.is_integer() else number]
