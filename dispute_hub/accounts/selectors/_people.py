"""Questions about units, people and the posts they hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dispute_hub.accounts.models import AccessToken, Post, Role, Unit, UnitKind, UnitLink, User
from dispute_hub.audit.models import AccessKind, AccessLog

# reliability S4: twenty failures a minute from one address are no typing errors.
MOST_FAILURES_OF_ADDRESS = 20
FAILURES_WITHIN = timedelta(minutes=1)


def live_posts(at: datetime) -> QuerySet[Post]:
    """Posts that are held now by an active person at an active unit."""
    return (
        Post.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
        .filter(user__is_active=True, unit__is_active=True)
        .select_related("user", "unit")
        .order_by("id")
    )


def posts_of(user: User, at: datetime) -> QuerySet[Post]:
    """The posts a person may choose at log-in, the primary one first."""
    return live_posts(at).filter(user=user).order_by("-is_primary", "id")


def posts_at(unit_id: int, role: str, at: datetime) -> list[Post]:
    """Everybody who holds `role` at the unit."""
    return list(live_posts(at).filter(unit_id=unit_id, role=role))


def unit_by_code(code: str) -> Unit | None:
    """The active unit with this code, or None: an unknown code never loses an alert (reliability 29)."""
    return Unit.objects.filter(code=code, is_active=True).first()


def area_of_grid(grid_id: int) -> Unit | None:
    """The police area that covers a grid."""
    link = (
        UnitLink.objects.filter(kind=UnitLink.Kind.AREA_GRID, governance_id=grid_id)
        .select_related("police")
        .first()
    )
    return link.police if link else None


def street_of_grid(grid: Unit) -> Unit | None:
    """The street centre above a grid: its nearest ancestor of that kind."""
    unit: Unit | None = grid
    while unit is not None and unit.kind != UnitKind.CENTRE:
        unit = unit.parent
    return unit


def streets_of_station(station_id: int) -> list[Unit]:
    """The street centres a station serves, in a stable order."""
    links = (
        UnitLink.objects.filter(kind=UnitLink.Kind.STATION_STREET, police_id=station_id)
        .select_related("governance")
        .order_by("id")
    )
    return [link.governance for link in links]


def officers_by_number(numbers: list[str], at: datetime) -> list[Post]:
    """Officer posts of these police numbers; unknown numbers and auxiliaries (辅警) are simply absent."""
    posts = live_posts(at).filter(user__police_number__in=numbers, role=Role.OFFICER)
    return list(posts.filter(user__is_auxiliary=False))


def token_post(digest: bytes, at: datetime) -> Post | None:
    """The live post behind an API token's digest."""
    tokens = AccessToken.objects.filter(digest=digest, expires_at__gt=at)
    return live_posts(at).filter(pk__in=tokens.values("post_id")).first()


def account_named(name: str) -> User | None:
    """The account of a user name or, failing that, of a police number."""
    if not name:
        return None
    found = User.objects.filter(Q(username=name) | Q(police_number=name))
    return next(iter(sorted(found, key=lambda user: user.username != name)), None)


def failed_lately(ip: str | None, at: datetime) -> bool:
    """True while an address has failed too often to be let near a password (reliability S4)."""
    failures = AccessLog.objects.filter(
        kind=AccessKind.LOGIN_FAILED, at__gt=at - FAILURES_WITHIN, at__lte=at, ip=ip
    )
    return ip is not None and failures.count() >= MOST_FAILURES_OF_ADDRESS
