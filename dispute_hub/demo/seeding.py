"""Forty-five days of the demo city, told through the real services on a moved clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from dispute_hub.accounts.models import Post, Role, Unit
from dispute_hub.common.time import BEIJING, beijing_date, day_bounds
from dispute_hub.demo import stories
from dispute_hub.demo.calls import of_colour
from dispute_hub.demo.people import build_people
from dispute_hub.demo.platform import build_platform
from dispute_hub.demo.programme import tell_programme
from dispute_hub.demo.routine import finish, tell_routine
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.timeline import Timeline
from dispute_hub.demo.units import COUNTY, STREETS, build_city
from dispute_hub.outbox import nudge
from intake import services as intake
from intake.models import Alert, Source, SourceKind
from mediation.models import Mediator

DAYS: Final = 45
ALERTS: Final = 220  # beside the programme's, about 300 in all
SECRET_110: Final = "whsec_ZGlzcHV0ZS1odWItZGVtby1zZWNyZXQtMTEw"  # noqa: S105 - public, demo settings only
COLOURS: Final = {"blue": 44, "yellow": 28, "orange": 10, "red": 4, "": 11, "void": 3}
# Hours of the day at which people call, by weight: evenings most.
CALLING_HOURS: Final = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 8, 7, 6, 6, 7, 7, 8, 8, 9, 10, 10, 8, 6, 4)
Say = Callable[[str], None]


def seed(*, number: int, now: datetime, say: Say) -> Timeline:
    """Build the city and tell its last forty-five days up to `now`; same number and instant, same city.

    Notices older than a day are delivered as read; nudges are held, nothing waits for a worker.
    """
    with nudge.held():
        units, posts, sources = build_base(at=now - timedelta(days=DAYS + 1))
        timeline = Timeline(now)
        stage = Stage(units, posts, sources, timeline=timeline, seed=number)
        _tell_calls(stage, now)
        tell_programme(stage, now=now)
        tell_routine(stage, first_at=now - timedelta(days=DAYS))
        _run(timeline, now, say)
        finish(now)
        build_platform(units, posts, at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return timeline


@transaction.atomic
def build_base(*, at: datetime) -> tuple[dict[str, Unit], dict[str, Post], dict[str, Source]]:
    """Units, people, mediators and senders. Safe to run again."""
    units = build_city(at=at)
    posts = build_people(at=at)
    county, reception = units[COUNTY], units[f"{COUNTY}-110"]
    intake.register_source(
        "110", kind=SourceKind.ALARM_110, name="110接处警系统", reception=reception, bureau=county,
        secret=SECRET_110, at=at,
    )  # fmt: skip
    for kind in SourceKind:
        if kind != SourceKind.ALARM_110:
            intake.register_source(
                kind.value, kind=kind.value, name=f"{kind.label}平台", reception=None, bureau=county,
                secret=SECRET_110, at=at,
            )  # fmt: skip
    _mediators(posts)
    return units, posts, {source.code: source for source in Source.objects.all()}


def _mediators(posts: dict[str, Post]) -> None:
    held = [post for post in posts.values() if post.role == Role.MEDIATOR]
    Mediator.objects.bulk_create(
        [
            Mediator(
                post=post, organisation=post.unit, skills=["邻里", "劳资", "婚姻家庭"][post.pk % 3 :],
                dialects=["永康话"],
            )
            for post in sorted(held, key=lambda post: post.user.username)
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _tell_calls(stage: Stage, now: datetime) -> None:
    """Calls from everywhere, a third of them at 象珠, evenings and yesterday more than others."""
    rng, start = stage.rng, now - timedelta(days=DAYS)
    shares = [6 if street.code == "XZ" else 1.4 for street in STREETS]
    for _ in range(ALERTS):
        day = start.astimezone(BEIJING) + timedelta(days=rng.uniform(0, DAYS))
        hour = rng.choices(range(24), weights=CALLING_HOURS)[0]
        at = day.replace(hour=hour, minute=rng.randint(0, 59), second=rng.randint(0, 59))
        colour = rng.choices(list(COLOURS), weights=list(COLOURS.values()))[0]
        street = rng.choices(STREETS, weights=shares)[0]
        call = stage.caller.call(rng.choice(of_colour(colour)), street)
        outcome = "void" if colour == "void" else ""
        if at < now - timedelta(minutes=10):
            stage.timeline.tell(stories.call(stage, call, at=at, outcome=outcome), at=at)


def _run(timeline: Timeline, now: datetime, say: Say) -> None:
    """Day by day; one transaction a day, so that a stopped seeding leaves whole days."""
    today = beijing_date(now)
    for back in range(DAYS, -1, -1):
        day = today - timedelta(days=back)
        _, end = day_bounds(day)
        with transaction.atomic():
            steps = timeline.run(min(end, now))
        say(f"{day:%Y-%m-%d}：{steps} 步，累计警情 {Alert.objects.count()} 起")
