"""What a person fills in about a clock and about the calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from dispute_hub.accounts.models import Unit
from dispute_hub.cases import clock_bounds, quiet_hours, unit_limit_selectors
from dispute_hub.common.errors import Refused
from dispute_hub.common.forms import SubmittedForm, area, day, line, row_version


class PauseForm(SubmittedForm):
    """Why a clock stands still."""

    reason = area("暂停理由", 200, 2, help_text="例如：等待鉴定结论、当事人住院。暂停期间不催办。")


class ResumeForm(SubmittedForm):
    """Nothing to fill in: the clock runs on."""


class ExtensionForm(SubmittedForm):
    """A later last day, and why."""

    until_on = day("延期至", help_text="当日24:00到期；遇休息日顺延至下一个工作日。最多延期两次。")
    reason = area("延期理由", 200, 2)


class DecisionForm(SubmittedForm):
    """Yes or no to a later date."""

    verdict = forms.ChoiceField(
        label="审批意见", choices=[("approve", "同意"), ("refuse", "不同意")], widget=forms.RadioSelect
    )
    text = area("说明", 200, 2, required=False, help_text="不同意时请写明理由。")

    def wanted(self) -> dict[str, Any]:
        return {"approved": self.cleaned_data["verdict"] == "approve", "text": self.cleaned_data["text"]}


class CalendarForm(SubmittedForm):
    """A run of days and how they are counted; shown once more with what would move before it counts."""

    WORDS = {"rest": False, "work": True, "table": None}

    ARRANGEMENTS = {"rest": "休息", "work": "上班", "table": "恢复国务院安排"}

    first = day("开始日期")
    last = day("结束日期", required=False, help_text="只调整一天时可不填。")
    worked = forms.ChoiceField(
        label="安排",
        choices=list(ARRANGEMENTS.items()),
        widget=forms.RadioSelect,
    )
    reason = line("调整原因", 40, help_text="例如：春节调休上班。会写进每个时限的逐日说明。")
    document_no = line("依据文号", 60, help_text="例如：国办发明电〔2026〕7号。")
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "first": given["first"],
            "last": given["last"] or given["first"],
            "worked": self.WORDS[given["worked"]],
            "reason": given["reason"],
            "document_no": given["document_no"],
        }

    @property
    def chosen(self) -> str:
        """The arrangement in words."""
        return self.ARRANGEMENTS[self.cleaned_data["worked"]]


class TableNoteForm(SubmittedForm):
    """Why a new version of the clock table is drafted."""

    note = line("修改说明", 200, help_text="写明为何修改；启用前由另一位同事核对。")


class LimitsForm(SubmittedForm):
    """The limits of one clock: a number and a unit for each colour or grade."""

    row_version = row_version()

    def __init__(
        self, limits: Mapping[str, str], names: Mapping[str, str], units: Mapping[str, Sequence[str]],
        data: Mapping[str, Any] | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, **options)
        self.keys = list(limits)
        for key, limit in limits.items():
            amount, unit = clock_bounds.read(limit)
            most = max(clock_bounds.BOUNDS[name][2] for name in units[key])
            self.fields[f"amount_{key}"] = forms.IntegerField(
                label=f"{names[key]} 时限", min_value=1, max_value=most, initial=amount,
                error_messages={"min_value": "时限至少为1。", "max_value": f"时限不能超过{most}。"},
            )  # fmt: skip
            choices = [(name, clock_bounds.BOUNDS[name][0]) for name in units[key]]
            self.fields[f"unit_{key}"] = forms.ChoiceField(
                label=f"{names[key]} 单位", choices=choices, initial=unit
            )

    def refuse(self, refusal: Refused) -> None:
        self.refused_with = 409 if refusal.status == 409 else 422
        for key, texts in refusal.fields.items():
            self.add_error(f"amount_{key}" if key in self.keys else None, texts)
        if not refusal.fields:
            self.add_error(None, refusal.message)

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        limits = {
            key: clock_bounds.written(given[f"amount_{key}"], given[f"unit_{key}"]) for key in self.keys
        }
        return {"limits": limits, "version": given.get("row_version")}


def _hours(label: str) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=720, help_text="超时后多少小时。")


def _waits(code: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=f"{quiet_hours.STEPS[code]}（办公时限）", required=False,
        choices=list(quiet_hours.WAITS.items()), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class LadderForm(SubmittedForm):
    """When people are asked to act on what is late, and which rungs wait over nights and rest days."""

    red = _hours("建议督办 红")
    extra_urgent = _hours("建议督办 特急")
    others = _hours("建议督办 其他")
    naming = _hours("建议通报")
    waits_warned = _waits("warned")
    waits_breached = _waits("breached")
    waits_supervision_due = _waits("supervision_due")
    waits_naming_due = _waits("naming_due")
    row_version = row_version()

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        hours = {"red": given["red"], "extra_urgent": given["extra_urgent"], "": given["others"]}
        return {
            "after": hours | {"naming": given["naming"]},
            "waits": {code: given[f"waits_{code}"] for code in quiet_hours.STEPS},
            "version": given.get("row_version"),
        }


class UnitLimitForm(SubmittedForm):
    """A stricter limit of a station, or the table's again."""

    named = {"limit": "amount"}

    unit = forms.ModelChoiceField(Unit.objects.none(), label="派出所", to_field_name="code", empty_label=None)
    clock = forms.ChoiceField(label="时限项")
    amount = forms.IntegerField(
        label="本所时限", min_value=1, max_value=5000, required=False, help_text="不填表示恢复按全市时限。"
    )
    counted_in = forms.ChoiceField(label="计时单位")
    reason = area("理由", 200, 2)

    @classmethod
    def among(cls, stations: Sequence[Unit], data: Mapping[str, Any] | None = None) -> UnitLimitForm:
        """The form for these stations."""
        form = cls(data, initial={"unit": stations[0].code if stations else None})
        form.fields["unit"].queryset = Unit.objects.filter(  # type: ignore[attr-defined]
            pk__in=[unit.pk for unit in stations]
        ).order_by("code")
        form.fields["clock"].choices = unit_limit_selectors.clock_choices()  # type: ignore[attr-defined]
        form.fields["counted_in"].choices = unit_limit_selectors.unit_choices()  # type: ignore[attr-defined]
        return form

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        kind, _, key = given["clock"].partition("|")
        limit = clock_bounds.written(given["amount"], given["counted_in"]) if given["amount"] else ""
        return {"unit": given["unit"], "kind": kind, "key": key, "limit": limit, "reason": given["reason"]}
