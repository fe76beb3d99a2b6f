"""Who is told when a clock takes a rung, and how a flood for one person becomes one line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db.models import Q

from dispute_hub.accounts.selectors import live_posts, on_roster
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import Notice

# handbook 7: more than twenty notices at once for one person become one digest.
DIGEST_OVER: Final = 20
# Where a rung of what the crews do leads to, and which duty hears it in place of the whole role.
PAGES: Final = {
    "push_first.sign": "/pushes/{}/",
    "push_first.arrive": "/pushes/{}/",
    "push_first.feed_back": "/pushes/{}/",
    "push_first.reinforce": "/reinforcements/",
    "push_first.confirm": "/pushes/on-behalf/",
    "assist.sign": "/assists/",
    "assist.answer": "/assists/",
}
DUTIES: Final = {"officer": "crew", "station_chief": "leader"}
URGENCIES: Final = (Notice.Urgency.NORMAL, Notice.Urgency.IMPORTANT, Notice.Urgency.ALARM)
Letter = tuple[outbox.Message, int | None]
Addressee = tuple[int | None, int | None, str]
# A person by account; an addressee nobody reads now stands for itself.
Reader = int | Addressee


@dataclass(slots=True)
class Told:
    """What one sweep has said so far: a flood spread thin over its batches is one, too.

    `digested` holds who got the one line, by its urgency.
    """

    sent: Counter[Addressee] = field(default_factory=Counter)
    digested: set[tuple[Reader, str]] = field(default_factory=set)

    def copy(self) -> Told:
        """As it is now, for `restore` when what is said next is not said after all."""
        return Told(self.sent.copy(), self.digested.copy())

    def restore(self, former: Told) -> None:
        self.sent, self.digested = former.sent, former.digested


class Rosters(dict[tuple[int, str], list[int]]):
    """Who is on the roster of a unit at one moment, by (unit, duty): each asked once a batch."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def __missing__(self, key: tuple[int, str]) -> list[int]:
        self[key] = [post.pk for post in on_roster(*key, self.at)]
        return self[key]


def letters(row: Deadline, step: clock_table.Step, case: Case, *, rosters: Rosters) -> list[Letter]:
    """Who is told on this rung: the holder, from the breach on his superior as well.

    Of a push 1 those hear it who are on the roster at this moment: its crew, and on the alarm its leader.
    """
    name = clock_table.name_of(row.kind)
    said = {"warned": "即将到期", "repeated": "仍未办理"}.get(step.code, "已超时")
    message = outbox.Message(
        kind=f"deadline.{step.code}",
        title=f"{name}{said}：{case.case_no}",
        link=PAGES[row.kind].format(row.subject_id) if row.kind in PAGES else f"/cases/{case.case_no}/",
        urgency="normal" if step.code == "warned" else "important",
        post_id=row.holder_post_id,
        unit_id=None if row.holder_post_id else row.holder_unit_id,
        role="" if row.holder_post_id else row.holder_role,
    )
    told = [message] if message.post_id or message.unit_id else []
    for unit, role in clock_table.superiors_of(row.kind, step.code):
        if unit_id := getattr(case, f"{unit}_id"):
            told.append(replace(message, post_id=None, unit_id=unit_id, role=role, urgency="alarm"))
    if row.kind in PAGES:
        told = [heard for entry in told for heard in _on_duty(entry, step, rosters)]
    return [(entry, case.pk) for entry in told]


def _on_duty(message: outbox.Message, step: clock_table.Step, rosters: Rosters) -> list[outbox.Message]:
    """The same to each who is on the roster now; to the whole role where there is no roster."""
    duty = DUTIES.get(message.role)
    if duty is None or message.unit_id is None or (duty == "leader" and step.code != "alarmed"):
        return [message]
    on_it = rosters[message.unit_id, duty]
    return [replace(message, post_id=pk, unit_id=None, role="") for pk in on_it] or [message]


def digested(wanted: list[Letter], told: Told, *, at: datetime) -> list[Letter]:
    """Replace the notices of whoever would get too many by one line that counts them (reliability T3).

    A person's notices count together whether they come to his post or to his role at the unit; whoever
    shares such a role reads the same line.
    """
    told.sent.update(_addressee(message) for message, _ in wanted)
    if told.sent.total() <= DIGEST_OVER:
        return wanted
    readers = _readers(told.sent, at=at)
    load = Counter[Reader]()
    for who, number in told.sent.items():
        load.update(dict.fromkeys(readers[who], number))
    flooded = {who for who in told.sent if any(load[reader] > DIGEST_OVER for reader in readers[who])}
    kept = [letter for letter in wanted if _addressee(letter[0]) not in flooded]
    # Roles before posts: the line for the role is the line of each who holds it.
    for who in sorted({_addressee(message) for message, _ in wanted} & flooded, key=_roles_first):
        urgency = _gravest(message for message, _ in wanted if _addressee(message) == who)
        if {(reader, urgency) for reader in readers[who]} - told.digested:
            told.digested |= {(reader, said) for reader in readers[who] for said in _up_to(urgency)}
            number = max(load[reader] for reader in readers[who])
            kept.append((_digest(who, number, urgency), None))
    return kept


def _gravest(messages: Iterable[outbox.Message]) -> str:
    """The urgency of the one line for all of these: a flood is important, an alarm in it is not lowered."""
    return max((Notice.Urgency.IMPORTANT, *(message.urgency for message in messages)), key=URGENCIES.index)


def _up_to(urgency: str) -> tuple[str, ...]:
    return URGENCIES[: URGENCIES.index(urgency) + 1]


def _digest(who: Addressee, number: int, urgency: str) -> outbox.Message:
    post_id, unit_id, role = who
    return outbox.Message(
        kind="deadline.digest",
        title=f"有 {number} 项以上时限提醒，请在待办中逐项办理",
        link="/",
        urgency=urgency,
        post_id=post_id,
        unit_id=unit_id,
        role=role,
    )


def _readers(addressees: Iterable[Addressee], *, at: datetime) -> dict[Addressee, set[Reader]]:
    """Who reads what comes to a post, or to a role at a unit ("" is everybody there). One query."""
    wanted = list(addressees)
    posts = live_posts(at).filter(
        Q(pk__in=[post_id for post_id, _, _ in wanted if post_id])
        | Q(unit_id__in={unit_id for post_id, unit_id, _ in wanted if not post_id})
    )
    found: dict[Addressee, set[Reader]] = {}
    for pk, unit_id, role, user_id in posts.values_list("pk", "unit_id", "role", "user_id"):
        for who in ((pk, None, ""), (None, unit_id, role), (None, unit_id, "")):
            found.setdefault(who, set()).add(user_id)
    return {who: found.get(who if not who[0] else (who[0], None, "")) or {who} for who in wanted}


def _roles_first(who: Addressee) -> tuple[bool, int, int, str]:
    post_id, unit_id, role = who
    return post_id is not None, post_id or 0, unit_id or 0, role


def _addressee(message: outbox.Message) -> Addressee:
    return message.post_id, message.unit_id, message.role
