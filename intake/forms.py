"""What people type: a call at the desk, a later word, a reason, a repaired message, a file to import."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.forms import PlainText, SubmittedForm, area, line
from intake.message import MOST_PEOPLE, NARRATIVE_LENGTH, AlertFacts
from intake.models import SourceKind
from intake.tables import MOST_BYTES

# What the desk asks in every call, and the flag a "yes" sets (handbook, intake).
ASKED = {
    "injured": ("有没有人受伤", "有人受伤", (("yes", "有伤"), ("no", "无伤"))),
    "armed": ("有没有刀械", "涉刀", (("yes", "有刀械"), ("no", "没有"))),
    "gone": ("人还在不在", "已离开现场", (("no", "还在"), ("yes", "已走"))),
}
MORE_FLAGS = [(word, word) for word in ("涉酒", "涉犬", "涉外", "未成年人", "老年人", "残疾人", "孕妇")]
FORMS = [(word, word) for word in ("电话", "短信", "网络", "来访", "技防")]
REST = ("third_name", "third_phone", "people_involved", "amount", "officers", "hotline_no", "procedure")
PROCEDURES = [("", "无")] + [(word, word) for word in ("诉讼", "仲裁", "复议", "信访", "已终结")]


def _line(label: str, length: int, **attrs: Any) -> PlainText:
    return line(label, length, required=False, attrs={"autocomplete": "off", **attrs})


class CallForm(SubmittedForm):
    """One call, in the order it goes. Only place and nature are needed to send somebody."""

    tells_places = True

    phone = _line("来电号码", 60, inputmode="tel", autofocus=True)
    report_form = forms.ChoiceField(label="报警方式", choices=FORMS, required=False)
    address = _line("在哪里", 500, placeholder="镇街、村居、路名、门牌、参照物")
    station = forms.ChoiceField(label="派往", required=False)
    longitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(required=False, widget=forms.HiddenInput)
    narrative = area(
        "什么事",
        NARRATIVE_LENGTH,
        5,
        required=False,
        attrs={"placeholder": "谁和谁、因为什么、现在怎样；有没有动手、扬言"},
    )
    flags = forms.MultipleChoiceField(
        label="情形", choices=MORE_FLAGS, required=False, widget=forms.CheckboxSelectMultiple
    )
    reporter_name = _line("报警人", 80)
    reporter_sex = forms.ChoiceField(
        label="性别", choices=[("", "—"), ("男", "男"), ("女", "女")], required=False
    )
    reporter_id_number = _line("证件号码", 50)
    other_name = _line("对方", 80, placeholder="不知姓名可写特征")
    other_phone = _line("对方电话", 60, inputmode="tel")
    third_name = _line("其他当事人", 80)
    third_phone = _line("电话", 60, inputmode="tel")
    people_involved = forms.IntegerField(label="涉及人数", min_value=0, max_value=MOST_PEOPLE, required=False)
    amount = forms.DecimalField(
        label="涉及金额（元）", min_value=0, max_digits=14, decimal_places=2, required=False
    )
    officers = _line("处警警号", 100, placeholder="多个用空格分开")
    hotline_no = _line("12345工单号", 60)
    procedure = forms.ChoiceField(label="在办程序", choices=PROCEDURES, required=False)
    stated_item = PlainText(max_length=100, required=False, widget=forms.HiddenInput)
    attach_to = PlainText(max_length=30, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, stations: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "请选择派出所")] + [(unit.code, str(unit)) for unit in stations]
        self.fields["station"].choices = choices  # type: ignore[attr-defined]
        for name, (label, _, answers) in ASKED.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=answers, required=False, widget=forms.RadioSelect
            )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not (given.get("address") or given.get("station")):
            self.add_error("address", "请先问清在哪里，或选择派出所，才能派警。")
        if not (given.get("narrative") or given.get("stated_item")):
            self.add_error("narrative", "请先记下是什么事，或用 F1–F3 选定性质，才能派警。")
        return given

    def facts(self, *, at: datetime) -> AlertFacts:
        """What is typed so far as facts; fields that cannot be read yet are left out."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
        said = given.get
        reporter = PartyFacts(
            role="reporter", name=said("reporter_name", ""), phone=said("phone", ""),
            sex=said("reporter_sex", ""), id_number=said("reporter_id_number", ""),
        )  # fmt: skip
        hotline = said("hotline_no", "")
        return AlertFacts(
            alert_no="", received_at=at, reporter=reporter if _is_known(reporter) else None,
            parties=tuple(party for party in self._others(given) if _is_known(party)),
            flags=tuple(self._flags(given)), officers=tuple(said("officers", "").split()),
            external_numbers={"12345": hotline} if hotline else {},
            address=said("address", ""), narrative=said("narrative", ""), station=said("station", ""),
            **{name: given[name] for name in _AS_TYPED if name in given},
        )  # fmt: skip

    def missing(self) -> list[str]:
        """What has not been asked yet, in the order of a call."""
        given = self.cleaned_data
        asked = [("station", "派往哪个派出所"), ("address", "在哪里"), ("narrative", "什么事")]
        asked += [(name, label) for name, (label, _, _) in ASKED.items()]
        asked += [("phone", "来电号码"), ("reporter_name", "报警人姓名"), ("other_name", "对方是谁")]
        return [words for name, words in asked if not given.get(name)]

    def has_rest(self) -> bool:
        """Whether any of the fields asked last is filled: then they are shown."""
        return any(self[name].value() for name in REST)

    def _flags(self, given: dict[str, Any]) -> list[str]:
        asked = [flag for name, (_, flag, _) in ASKED.items() if given.get(name) == "yes"]
        return asked + list(given.get("flags", []))

    @staticmethod
    def _others(given: dict[str, Any]) -> list[PartyFacts]:
        rows = (("other_name", "other_phone"), ("third_name", "third_phone"))
        return [PartyFacts(name=given.get(name, ""), phone=given.get(phone, "")) for name, phone in rows]


_AS_TYPED = (
    "report_form", "longitude", "latitude", "stated_item", "people_involved", "amount", "procedure",
)  # fmt: skip


def _is_known(party: PartyFacts) -> bool:
    return bool(party.name or party.phone or party.id_number)


class TextForm(SubmittedForm):
    """续报."""

    text = area("续报内容", 2000, 3, help_text="立即发给处警民警；原内容保留。")


class ReasonForm(SubmittedForm):
    reason = line("理由", 200, attrs={"autocomplete": "off"})


class StationForm(SubmittedForm):
    """派警 to a station."""

    station = forms.ChoiceField(label="派往")

    def __init__(self, *args: Any, stations: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stations = {unit.code: unit for unit in stations}
        choices = [(unit.code, str(unit)) for unit in stations]
        self.fields["station"].choices = choices  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        return {"station": self.stations[self.cleaned_data["station"]]}


class RepairForm(SubmittedForm):
    """The text of a set-aside message, mended by hand."""

    tells_places = True

    body = forms.CharField(
        label="报文内容", max_length=200_000, widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"})
    )


class ImportForm(SubmittedForm):
    """A table to import: judged first, stored only when a person has seen what is wrong with it."""

    kind = forms.ChoiceField(label="警情来源", choices=SourceKind.choices)
    file = forms.FileField(
        label="警情表格（CSV）",
        help_text="UTF-8 或 GB18030 编码，首行为列名，最多 5000 行、5 MB。",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("文件超过 5 MB，请拆分后分次导入。")
        return file

    def wanted(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {"raw": file.read(), "file_name": file.name, "kind": self.cleaned_data["kind"]}
