"""What every form of this stage shares: a refusal of the service comes back into it, the text kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms

from dispute_hub.common.errors import Conflict, Invalid, Refused, Stale


class ActForm(forms.Form):
    """A form that ends in one service call."""

    title: ClassVar[str] = ""
    submit_label: ClassVar[str] = "提交"
    refused_with = 422
    did = False

    @property
    def status(self) -> int:
        """HTTP status of the page this form is shown on: 200 until something was refused."""
        return self.refused_with if self.is_bound and not self.did else 200

    def submit(self, act: Callable[..., Any]) -> bool:
        """Run `act` with what was filled in; False if it cannot stand.

        A refusal about the content (409, 422) lands in the form, one about rights goes on.
        """
        if not self.is_valid():
            return False
        try:
            act(**self.told())
        except (Conflict, Stale, Invalid) as refusal:
            self._refuse(refusal)
            return False
        self.did = True
        return True

    def _refuse(self, refusal: Refused) -> None:
        self.refused_with = refusal.status
        for name, texts in refusal.fields.items():
            self.add_error(name if name in self.fields else None, texts)
        if not refusal.fields:
            self.add_error(None, refusal.message)

    def told(self) -> dict[str, Any]:
        """Arguments of the service."""
        given = dict(self.cleaned_data)
        if "row_version" in given:
            given["version"] = given.pop("row_version")
        return given
