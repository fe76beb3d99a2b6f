"""What a person fills in to change a colour or level, or to decide about a lowering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms

from dispute_hub.cases.models import Colour, Level
from dispute_hub.common.errors import Conflict, Invalid, Refused, Stale
from triage.models import Regrade


class RegradeForm(forms.Form):
    """A new value and the reason; a refusal of the service comes back at its field."""

    kind = ""
    refused_with = 422
    reason = forms.CharField(
        label="理由",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明依据的现场情况或核实结果；不写姓名、电话。",
    )
    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def status(self) -> int:
        """HTTP status of the page this form is shown on: 200 until something was refused."""
        return self.refused_with if self.is_bound else 200

    def submit(self, act: Callable[..., Regrade]) -> Regrade | None:
        """Run `act` (services.regrade for this case) with what was filled in; None if it cannot stand.

        A refusal about the content (409, 422) comes back into the form with the text kept; one about
        rights goes on.
        """
        if not self.is_valid():
            return None
        try:
            return act(**self.wanted())
        except (Conflict, Stale, Invalid) as refusal:
            self._refuse(refusal)
            return None

    def _refuse(self, refusal: Refused) -> None:
        self.refused_with = refusal.status
        for name, texts in refusal.fields.items():
            self.add_error("to" if name == self.kind else name, texts)
        if not refusal.fields:
            self.add_error(None, refusal.message)

    def wanted(self) -> dict[str, Any]:
        """The arguments of `services.regrade`."""
        given = self.cleaned_data
        return {
            "kind": self.kind,
            "to": given["to"],
            "reason": given["reason"],
            "version": given["row_version"],
        }


class ColourForm(RegradeForm):
    kind = "colour"
    title = "调整预警色"
    to = forms.ChoiceField(
        label="预警色",
        choices=Colour.choices,
        widget=forms.RadioSelect(attrs={"autofocus": True}),
        help_text="升高立即生效并通知承办人和所领导；降低须所领导审批。",
    )
    field_order = ("to", "reason")


class LevelForm(RegradeForm):
    kind = "level"
    title = "调整风险等级"
    to = forms.ChoiceField(
        label="风险等级",
        choices=Level.choices,
        widget=forms.RadioSelect(attrs={"autofocus": True}),
        help_text="升高立即生效，定为“高”的报分局；降低须所领导审批。",
    )
    field_order = ("to", "reason")


class DecisionForm(forms.Form):
    """A chief's word on a lowering; refusing needs a reason (the service says so)."""

    text = forms.CharField(label="审批意见", max_length=500, required=False)
