"""What a person chooses before a replay: which days are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms

from dispute_hub.common.forms import SubmittedForm, day
from dispute_hub.common.time import day_bounds

CUSTOM: Final = "custom"
SPANS: Final = (("7", "近7天"), ("30", "近30天"), ("90", "近90天"), (CUSTOM, "自定日期"))


class ReplayForm(SubmittedForm):
    """The last days up to now, or whole Beijing days from one date to another."""

    title = "试算"
    submit_label = "开始试算"
    days = forms.ChoiceField(label="试算范围", choices=SPANS, initial="30", widget=forms.RadioSelect)
    since = day("起始日期", required=False)
    until = day("截止日期", required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("days") == CUSTOM:
            for name in ("since", "until"):
                if name not in self.errors and not given.get(name):
                    self.add_error(name, forms.ValidationError("必填", code="required"))
        return given

    def wanted(self) -> dict[str, Any]:
        """`since` and `until` as instants, the end never in the future."""
        given = self.cleaned_data
        if given["days"] != CUSTOM:
            return {"since": self.at - timedelta(days=int(given["days"])), "until": self.at}
        until = day_bounds(given["until"])[1]
        return {"since": day_bounds(given["since"])[0], "until": min(until, self.at)}
