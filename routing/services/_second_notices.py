"""What is told of a push 2: to its addressee, the duty leader, the crew of the night, the pool."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Case, Colour
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.services._pushes import URGENCY

NOBODY: Final = "无责任民警，请立即分派"


def message(
    case: Case,
    push: Push,
    *,
    word: str,
    post_id: int | None = None,
    unit_id: int | None = None,
    role: str = "",
) -> outbox.Message:
    """One line about a push 2; to a post it links the push, to a role the case."""
    colour = f"{Colour(push.colour).label}色" if push.colour else ""
    return outbox.Message(
        kind="push.second",
        title=f"{colour}二推送：{case.case_no}（{word}）",
        link=f"/pushes/{push.pk}/" if post_id else f"/cases/{case.case_no}/",
        urgency="alarm" if word == NOBODY else URGENCY.get(push.colour, "normal"),
        post_id=post_id,
        unit_id=unit_id,
        role=role,
    )


def copies(case: Case, push: Push) -> list[outbox.Message]:
    """The station's leaders know."""
    chief = Role.STATION_CHIEF
    if not case.station_id:
        return []
    return [message(case, push, unit_id=case.station_id, role=chief, word="抄送所领导")]


def for_the_pool(case: Case, push: Push) -> list[outbox.Message]:
    """Nobody on post, no B岗: the command room and the chief are alarmed to give it to somebody."""
    roles = (Role.STATION_COMMAND, Role.STATION_CHIEF) if case.station_id else (push.addressee_role,)
    return [
        message(case, push, unit_id=push.addressee_unit_id, role=role, word=NOBODY)
        for role in roles
        if push.addressee_unit_id
    ]


def tell(
    case: Case,
    push: Push,
    *,
    word: str,
    at: datetime,
    post_id: int | None = None,
    unit_id: int | None = None,
    role: str = "",
) -> None:
    """Tell one of them; nothing where there is nobody."""
    if post_id is None and unit_id is None:
        return
    told = message(case, push, word=word, post_id=post_id, unit_id=unit_id, role=role)
    outbox.notify(told, at=at, case_id=case.pk)
