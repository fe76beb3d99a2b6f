"""回避 and 管辖争议 as their pages ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Unit, UnitKind, User
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.cases.models import OPEN_STATUSES, Case, CaseEvent, Status
from dispute_hub.cases.selectors import kept_away
from dispute_hub.common.errors import OutOfScope
from intake.hints import KEPT
from intake.models import Alert
from routing.models import JurisdictionDispute, Recusal


def _of_unit(actor: PostActor) -> Q:
    """The station's own cases, those of the whole bureau for the bureau; none the person keeps away from."""
    column = "bureau" if actor.unit.kind == UnitKind.BUREAU else "station"
    return Q(**{f"case__{column}": actor.post.unit_id}) & ~Q(case__in=kept_away(actor))


def _readable(actor: PostActor) -> QuerySet[Recusal]:
    """A complaint about an officer is read at the bureau, never in his station (handbook 3)."""
    rows = Recusal.objects.all()
    return rows if actor.unit.kind == UnitKind.BUREAU else rows.exclude(why=Recusal.Why.COMPLAINED_OF)


def open_recusals(actor: PostActor) -> QuerySet[Recusal]:
    """Recusals the unit's leaders must decide, the oldest first."""
    rows = _readable(actor).filter(_of_unit(actor), status=Recusal.Status.PROPOSED)
    return rows.select_related("case__station", "user", "declared_by__unit", "declarer_user").order_by("id")


def waiting_moves(bureau_id: int | None) -> QuerySet[Recusal]:
    """Approved complaints whose case has not left the station yet: an order stood in the way."""
    moved = CaseEvent.objects.filter(
        case=OuterRef("case"), kind="case.transferred", at__gte=OuterRef("decided_at")
    )
    rows = Recusal.objects.filter(
        ~Exists(moved), why=Recusal.Why.COMPLAINED_OF, status=Recusal.Status.APPROVED,
        case__bureau=bureau_id, case__status__in=OPEN_STATUSES,
    )  # fmt: skip
    return rows.select_related("case__station", "user").order_by("id")


def waiting_complaints(bureau_id: int | None) -> QuerySet[Case]:
    """Complaints about officers for which the bureau names a unit, the oldest first."""
    kept = Alert.objects.filter(hints__contains=[KEPT]).values("case")
    rows = Case.objects.filter(bureau=bureau_id, status=Status.POOL, station=None, pk__in=kept)
    return rows.order_by("id")


def open_disputes(actor: PostActor) -> QuerySet[JurisdictionDispute]:
    """Disputes of jurisdiction the bureau must decide, the oldest first; a station sees its own."""
    rows = JurisdictionDispute.objects.filter(_of_unit(actor), decided_at__isnull=True)
    return rows.select_related("case", "first", "proposed", "raiser_user").order_by("id")


def get_recusal(actor: PostActor, recusal_id: int) -> Recusal:
    """One recusal of this unit's cases, decided ones included; OutOfScope otherwise."""
    row = _readable(actor).filter(_of_unit(actor), pk=recusal_id).select_related("case").first()
    if row is None:
        raise OutOfScope("没有找到该回避申报，或不在当前岗位的查看范围内。")
    return row


def get_dispute(actor: PostActor, dispute_id: int) -> JurisdictionDispute:
    """One dispute of this unit's cases, decided ones included; OutOfScope otherwise."""
    row = JurisdictionDispute.objects.filter(_of_unit(actor), pk=dispute_id).select_related("case").first()
    if row is None:
        raise OutOfScope("没有找到该管辖争议，或不在当前岗位的查看范围内。")
    return row


def stations_of(bureau_id: int | None) -> QuerySet[Unit]:
    """The stations of a bureau by name."""
    return Unit.objects.filter(kind=UnitKind.STATION, bureau=bureau_id, is_active=True).order_by("name")


def centres_of(county_id: int) -> QuerySet[Unit]:
    """The street centres a county centre may name."""
    return Unit.objects.filter(kind=UnitKind.CENTRE, parent=county_id, is_active=True).order_by("name")


def staff_of(case: Case, *, at: datetime) -> list[Post]:
    """Everybody who might handle or decide the case: its station with the police areas, and the bureau."""
    here: Any = Q(unit=case.station_id) | Q(unit__parent=case.station_id) | Q(unit=case.bureau_id)
    return list(live_posts(at).filter(here).order_by("unit", "user__full_name", "id"))


def recusals_of(case: Case, actor: PostActor) -> list[Recusal]:
    """Who keeps away from the case, or asked to."""
    rows = _readable(actor).filter(case=case).exclude(status=Recusal.Status.REFUSED)
    return list(rows.select_related("user").order_by("id"))


def users_among(posts: list[Post]) -> QuerySet[User]:
    """The people behind these posts, each once."""
    return User.objects.filter(pk__in={post.user_id for post in posts}).order_by("full_name")
