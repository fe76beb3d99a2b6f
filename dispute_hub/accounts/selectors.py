"""Questions about units, posts and duty."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dispute_hub.accounts.models import AccessToken, DutyRoster, Post, Role, Unit, UnitKind, UnitLink, User
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


def on_duty(unit_id: int, duty: str, at: datetime) -> list[Post]:
    """Who is on duty at the unit now; everybody of the fitting role while it has no roster (handbook 4)."""
    found = on_roster(unit_id, duty, at)
    if found or DutyRoster.objects.filter(unit_id=unit_id, duty=duty).exists():
        return found
    return posts_at(unit_id, ROLE_OF_DUTY[duty], at)


def on_roster(unit_id: int, duty: str, at: datetime) -> list[Post]:
    """Whom the roster of the unit names for now; nobody while it has no roster."""
    turns = DutyRoster.objects.filter(unit_id=unit_id, duty=duty, starts_at__lte=at, ends_at__gt=at)
    return list(live_posts(at).filter(pk__in=turns.values("post_id")))


ROLE_OF_DUTY: dict[str, str] = {
    DutyRoster.Duty.CREW: Role.OFFICER,
    DutyRoster.Duty.COMMAND: Role.STATION_COMMAND,
    DutyRoster.Duty.LEADER: Role.STATION_CHIEF,
}


def leads_duty(post: Post, at: datetime) -> bool:
    """True while the post is on the roster as duty leader of its own unit (值班代批)."""
    return DutyRoster.objects.filter(
        post=post, unit=post.unit_id, duty=DutyRoster.Duty.LEADER, starts_at__lte=at, ends_at__gt=at
    ).exists()


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


def responsible_officers(area_id: int, at: datetime) -> list[Post]:
    """The responsible officers (责任民警) of a police area."""
    return posts_at(area_id, Role.COMMUNITY_OFFICER, at)


def officers_by_number(numbers: list[str], at: datetime) -> list[Post]:
    """Officer posts of these police numbers; unknown numbers are simply absent."""
    return list(live_posts(at).filter(user__police_number__in=numbers, role=Role.OFFICER))


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
