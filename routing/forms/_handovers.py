"""What both sides of a shift fill in."""

from __future__ import annotations

from typing import Any

from dispute_hub.common.forms import SubmittedForm, area


class HandoverForm(SubmittedForm):
    """A word of the outgoing side; ticks of the incoming one."""

    note = area("需要当面交代的事项", 400, 2, required=False)

    @property
    def ticked(self) -> set[int]:
        """Numbers of the items that were ticked."""
        texts = self.data.getlist("item") if hasattr(self.data, "getlist") else []
        return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 9}

    def wanted(self) -> dict[str, Any]:
        return {"note": self.cleaned_data["note"], "taken": self.ticked}
