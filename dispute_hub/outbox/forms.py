"""What people may send on the pages of deliveries and platforms."""

from __future__ import annotations

from typing import Any

from django import forms

from dispute_hub.common.forms import SubmittedForm


class ReplayForm(SubmittedForm):
    """Ticked dead letters, or every one of a platform."""

    title = "重新投递"
    rows = forms.TypedMultipleChoiceField(coerce=int, required=False)
    all_of = forms.CharField(max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rows"]
        field.valid_value = lambda value: value.isascii() and value.isdigit() and len(value) < 19  # type: ignore[attr-defined]
