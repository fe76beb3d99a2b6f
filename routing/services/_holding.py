"""Who holds a case from now on: while an emergency runs that is its commander, whatever happens meanwhile."""

from __future__ import annotations

from dispute_hub.accounts.models import Post
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from routing.models import Emergency


def hold(case: Case, *, unit_id: int | None, post: Post | None) -> None:
    """Give a locked case to its next holder; under an emergency the end of the mode gives it (handbook 4)."""
    running = Emergency.objects.filter(case=case, ended_at__isnull=True)
    if not running.update(former_holder_unit_id=unit_id, former_holder_post=post):
        cases.hold(case, unit_id=unit_id, post=post)
