"""Giving and ending the sight of a case; written by the service that hands the case on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from dispute_hub.cases.models import Case, CaseGrant


def give(
    case: Case, reason: str, *, at: datetime, unit_id: int | None = None, post_id: int | None = None
) -> CaseGrant:
    """Let a unit or a post see the case from now on; an open grant for the same reason is kept."""
    grantee: dict[str, Any] = {"unit_id": unit_id, "post_id": post_id}
    open_grants = CaseGrant.objects.filter(case=case, reason=reason, ends_at__isnull=True, **grantee)
    return open_grants.first() or CaseGrant.objects.create(
        case=case, reason=reason, unit_id=unit_id, post_id=post_id, starts_at=at
    )


def give_first(
    case: Case, reason: str, *, at: datetime, unit_ids: Iterable[int] = (), post_ids: Iterable[int] = ()
) -> None:
    """`give` to several at once for a reason nobody has an open grant for, such as a new push's."""
    grantees = [(pk, None) for pk in unit_ids] + [(None, pk) for pk in post_ids]
    CaseGrant.objects.bulk_create(
        CaseGrant(case=case, reason=reason, unit_id=unit_id, post_id=post_id, starts_at=at)
        for unit_id, post_id in grantees
    )


def end(
    case: Case,
    reason: str,
    *,
    ends_at: datetime,
    unit_id: int | None = None,
    post_id: int | None = None,
) -> int:
    """End open grants of this reason (of one grantee if named) at `ends_at`, which may lie ahead."""
    grants = CaseGrant.objects.filter(case=case, reason=reason).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=ends_at)
    )
    if unit_id is not None:
        grants = grants.filter(unit_id=unit_id)
    if post_id is not None:
        grants = grants.filter(post_id=post_id)
    return grants.update(ends_at=ends_at)
