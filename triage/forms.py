"""What a person fills in to change a colour or level, or to decide about a lowering."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.cases.models import Colour, Level
from dispute_hub.common.forms import SubmittedForm, area, row_version
from triage.models import LOWERING, RAISING, RegradeReason

REASONS = [
    ("", "请选择"),
    *(
        (name, [(code, RegradeReason(code).label) for code in codes if code != "other"])
        for name, codes in (("升高", RAISING), ("降低", LOWERING))
    ),
    ("other", RegradeReason.OTHER.label),
]


class RegradeForm(SubmittedForm):
    """A new value and the reason."""

    kind = ""
    reason_code = forms.ChoiceField(label="理由类别", choices=REASONS)
    reason = area("具体理由", 500, 3, help_text="写明依据的现场情况或核实结果；不写姓名、电话。")
    row_version = row_version()

    def wanted(self) -> dict[str, Any]:
        """The arguments of `services.regrade`."""
        return super().wanted() | {"kind": self.kind}


class ColourForm(RegradeForm):
    kind = "colour"
    named = {"colour": "to"}
    title = "调整预警色"
    to = forms.ChoiceField(
        label="预警色",
        choices=Colour.choices,
        widget=forms.RadioSelect(attrs={"autofocus": True}),
        help_text="升高立即生效并通知承办人和所领导；降低须所领导审批。",
    )
    field_order = ("to", "reason_code", "reason")


class LevelForm(RegradeForm):
    kind = "level"
    named = {"level": "to"}
    title = "调整风险等级"
    to = forms.ChoiceField(
        label="风险等级",
        choices=Level.choices,
        widget=forms.RadioSelect(attrs={"autofocus": True}),
        help_text="升高立即生效，定为“高”的报分局；降低须所领导审批。",
    )
    field_order = ("to", "reason_code", "reason")


class DecisionForm(forms.Form):
    """A chief's word on a lowering; refusing needs a reason (the service says so)."""

    text = forms.CharField(label="审批意见", max_length=500, required=False)
