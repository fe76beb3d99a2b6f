"""The demo city as its stories see it: who acts where, what is said, and the receiving of calls."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from dispute_hub.accounts.actor import PostActor, SourceActor
from dispute_hub.accounts.models import Post, Unit
from dispute_hub.cases.models import Case
from dispute_hub.common.time import BEIJING
from dispute_hub.demo.calls import Call, Caller
from dispute_hub.demo.timeline import Timeline
from dispute_hub.demo.units import COUNTY
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert, Source
from mediation.models import Mediator
from routing.models import Push

WORDS: Final = Path(__file__).parent / "data" / "words.toml"


@dataclass(slots=True)
class Received:
    """A call as it was taken in: its alert, its case, and the push that went out for it."""

    call: Call
    alert: Alert
    case: Case
    push: Push | None


class Stage:
    """What a story needs: units, people as actors, words, one seeded generator, and the timeline."""

    def __init__(
        self, units: dict[str, Unit], posts: dict[str, Post], sources: dict[str, Source], *,
        timeline: Timeline, seed: int,
    ) -> None:  # fmt: skip
        self.units, self.sources, self.timeline = units, sources, timeline
        self.rng = random.Random(f"stage:{seed}")
        self.caller = Caller(seed)
        self._posts = {post.pk: post for post in posts.values()}
        self._by_name = {name: PostActor(post.user, post) for name, post in posts.items()}
        self.mediators = list(Mediator.objects.select_related("post", "organisation").order_by("id"))
        self._number = 0

    def unit(self, short: str) -> Unit:
        """The unit with the code `330784-<short>`."""
        return self.units[f"{COUNTY}-{short}" if short else COUNTY]

    def actor(self, username: str) -> PostActor:
        """The person with this log-in at his post."""
        return self._by_name[username]

    def actor_at(self, post_id: int) -> PostActor:
        """Whoever holds a post."""
        known = self._posts[post_id]
        return PostActor(known.user, known)

    def mediator_of(self, case: Case) -> Mediator:
        """A mediator of the street the case lies in, else one of 象珠."""
        near = [
            one
            for one in self.mediators
            if case.street and one.organisation.code.startswith(case.street.code[:-2])
        ]
        return self.rng.choice(near or self.mediators[:1])

    def who(self, role: str, unit: Unit) -> list[PostActor]:
        """Everybody of a role at a unit."""
        found = [post for post in self._posts.values() if post.unit_id == unit.pk and post.role == role]
        return [PostActor(post.user, post) for post in sorted(found, key=lambda post: post.pk)]

    def one(self, role: str, unit: Unit) -> PostActor:
        """Somebody of a role at a unit."""
        return self.rng.choice(self.who(role, unit))

    @cached_property
    def _words(self) -> dict[str, Any]:
        return tomllib.loads(WORDS.read_text(encoding="utf-8"))

    def word(self, kind: str, part: str = "") -> str:
        """One of the texts of a kind."""
        texts = self._words[kind][part] if part else self._words[kind]
        return str(self.rng.choice(texts))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def minutes(self, least: float, most: float) -> timedelta:
        """A span between two numbers of minutes."""
        return timedelta(seconds=round(60 * self.rng.uniform(least, most)))

    def hours(self, least: float, most: float) -> timedelta:
        return self.minutes(60 * least, 60 * most)

    def in_office(self, at: datetime) -> datetime:
        """The instant itself if people work then, else some time in the next morning."""
        local = at.astimezone(BEIJING)
        if time(8, 40) <= local.time() <= time(17, 30):
            return at
        if local.time() > time(17, 30):
            local += timedelta(days=1)
        return self.on_day(local, 9)

    def on_day(self, day: datetime, hour: int) -> datetime:
        """Some minutes past an hour (Beijing) of the day of an instant."""
        local = day.astimezone(BEIJING)
        return local.replace(hour=hour, minute=self.rng.randint(1, 55), second=self.rng.randint(0, 59))

    def next_morning(self, at: datetime) -> datetime:
        """After the sheet of the next morning, in office hours."""
        return self.on_day(at.astimezone(BEIJING) + timedelta(days=1), 9)

    def receive(self, call: Call, *, at: datetime, source: str = "110", crew: bool = True) -> Received:
        """Take a call in as the machine of a source sends it, some seconds after it was received."""
        sender = self.sources[source]
        facts = self.facts(call, received_at=at - timedelta(seconds=self.rng.randint(4, 40)), crew=crew)
        actor = SourceActor(sender.code, sender.reception_id)
        receipt = intake.receive(facts, source=sender, actor=actor, at=at)
        push = Push.objects.filter(alert=receipt.alert, tier=Push.Tier.FIRST).first()
        receipt.case.refresh_from_db()
        return Received(call, receipt.alert, receipt.case, push)

    def facts(self, call: Call, *, received_at: datetime, crew: bool = True) -> AlertFacts:
        """The message of a call; its crew are the officers of the station."""
        self._number += 1
        station = self.units.get(call.station)
        officers = self.who("officer", station) if crew and station else []
        local = received_at.astimezone(BEIJING)
        return AlertFacts(
            alert_no=f"{COUNTY}{local:%Y%m%d}D{self._number:05d}",
            received_at=received_at,
            address=call.address,
            narrative=call.narrative,
            report_form="电话报警",
            reporter=call.reporter,
            parties=(call.other,) if call.other else (),
            longitude=call.longitude,
            latitude=call.latitude,
            station=call.station,
            grid=call.grid,
            stated_item=call.stated,
            people_involved=call.people,
            amount=call.amount,
            flags=call.flags,
            officers=tuple(officer.user.police_number for officer in officers),
        )
