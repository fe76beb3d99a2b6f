"""How the stories are told: people act only through HTTP; the clock and beat move on beside them.

`Town` is who is there and what time it is, `Dispute` one case as its people see it. Every act goes through
a door as the person named, so a story also proves that this person may do it and that nobody had to be
asked in the code's own words.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dispute_hub.accounts.models import Line, Role, Unit, UnitKind
from dispute_hub.cases import tasks as case_tasks
from dispute_hub.cases.models import Case
from dispute_hub.common import time
from dispute_hub.outbox import tasks as outbox_tasks
from followup import tasks as follow_up_tasks
from mediation.models import Mediator
from routing import tasks as routing_tasks
from tests.cast import Cast
from tests.intake.conftest import Sender, body, make_source
from triage import services as triage

# What beat runs; a story that moves the clock lets it run once at the new instant.
BEAT = (
    routing_tasks.issue_sheets,
    routing_tasks.return_unaccepted_diversions,
    case_tasks.sweep_deadlines,
    follow_up_tasks.mark_missed,
    outbox_tasks.sweep,
)
KEPT = {
    "mode": "call", "result_kept": True, "agreement_performed": True, "knot": False, "new_dispute": False,
    "text": "双方均表示事情已了结，没有新的矛盾。",
}  # fmt: skip
HOME = {"station": "330784-XZ", "grid": "330784-XZ-C1-W1"}


def person(name: str, phone: str) -> dict[str, str]:
    """An invented party."""
    return {"name": name, "phone": phone}


class Town:
    """象珠, its people and its clock."""

    def __init__(self, cast: Cast, clock: Any) -> None:
        self.cast, self.clock = cast, clock
        triage.load_reference(at=clock.at)
        make_source(cast.units.reception, cast.units.bureau)

    def it_is(self, instant: str) -> None:
        """Move the clock to "2026-02-03 14:05" (Beijing) and let beat run."""
        self.clock.set(f"{instant.replace(' ', 'T')}:00+08:00")
        for task in BEAT:
            task()

    def days_later(self, days: int, hour: int = 10) -> None:
        """That many days on, at this hour."""
        day = time.beijing_date(self.clock.at) + timedelta(days=days)
        self.it_is(f"{day.isoformat()} {hour:02d}:00")

    def joined_by(self, who: str, role: str, code: str, name: str, line: str, kind: str) -> Unit:
        """One more unit with one person, known to the story as `who`."""
        bureau = self.cast.units.bureau
        unit: Unit = Unit.objects.create(code=code, name=name, line=line, kind=kind, bureau=bureau)
        self.cast.add(who, role, unit)
        return unit

    def mediator_of_the_pool(self) -> int:
        """Number of 象珠's mediator in the list of mediators; he plays as `mediator`."""
        post = self.cast.mediator.post
        return int(Mediator.objects.get_or_create(post=post, defaults={"organisation": post.unit})[0].pk)

    def market_supervision(self) -> Unit:
        return self.joined_by(
            "market_supervisor", Role.DEPARTMENT, "330784-SJ", "永康市市场监督管理局",
            Line.DEPARTMENT, UnitKind.DEPARTMENT,
        )  # fmt: skip

    def post(self, who: str, path: str, said: Any = None, *, expect: int | None = None) -> dict[str, Any]:
        """The person calls the API; `expect` names a refusal, else any 2xx will do."""
        caller = self.cast.api(getattr(self.cast, who))
        answer = caller.post(f"/api/v1/{path}", said or {}, format="json")
        good = {expect} if expect else {200, 201, 202}
        assert answer.status_code in good, (
            f"{who} POST {path}: {answer.status_code} {answer.content.decode()}"
        )
        told: dict[str, Any] = answer.json()
        return told

    def get(self, who: str, path: str, *, expect: int = 200) -> dict[str, Any]:
        answer = self.cast.api(getattr(self.cast, who)).get(f"/api/v1/{path}")
        assert answer.status_code == expect, f"{who} GET {path}: {answer.status_code}"
        told: dict[str, Any] = answer.json()
        return told

    def page(self, who: str, path: str) -> str:
        """What the person reads on this page."""
        answer = self.cast.client(getattr(self.cast, who)).get(path)
        assert answer.status_code == 200, f"{who} GET {path}: {answer.status_code}"
        return str(answer.content.decode())

    def submit(self, who: str, path: str, form: dict[str, Any]) -> str:
        """The person fills in a form and sends it; where it leads when it stands."""
        sent = {"form_token": str(uuid.uuid4()), **form}
        answer = self.cast.client(getattr(self.cast, who)).post(path, sent)
        told = "" if answer.status_code == 302 else answer.content.decode()
        assert answer.status_code == 302, f"{who} POST {path}: {answer.status_code} {told}"
        return str(answer["Location"])

    def notices(self, who: str) -> str:
        """The person's inbox, after the worker has delivered."""
        outbox_tasks.sweep()
        return self.page(who, "/notices/")

    def tasks(self, who: str) -> list[dict[str, Any]]:
        """What the person must do now, most urgent first."""
        rows: list[dict[str, Any]] = self.get(who, "worklist/")["results"]
        return rows

    def call_110(
        self, narrative: str, *, caller: dict[str, str], against: dict[str, str] | None = None, **facts: Any
    ) -> Dispute:
        """The 110 system sends a signed alert; the dispute it opened or joined."""
        parties = [caller, *([{**against, "role": "party"}] if against else [])]
        said = body(narrative=narrative, reporter=caller, parties=parties, **{**HOME, **facts})
        answer = Sender().send(said)
        assert answer.status_code == 201, answer.content.decode()
        reply = answer.json()
        return Dispute(self, reply["case_no"], reply)


@dataclass
class Dispute:
    """One case on its way. `reply` is what the 110 system was answered."""

    town: Town
    case_no: str
    reply: dict[str, Any] = field(repr=False)

    @property
    def case(self) -> Case:
        return Case.objects.get(case_no=self.case_no)

    @property
    def status(self) -> str:
        return str(self.case.status)

    @property
    def colour(self) -> str:
        return str(self.case.colour)

    @property
    def factors(self) -> set[str]:
        return {factor["code"] for factor in self.reply["factors"]}

    def act(self, who: str, what: str, said: Any = None, *, expect: int | None = None) -> dict[str, Any]:
        """The person does something with the case itself."""
        return self.town.post(who, f"cases/{self.case_no}/{what}/", said, expect=expect)

    def task(self, who: str, kind: str) -> dict[str, Any]:
        """The one thing of this kind that waits for this person on this case."""
        rows = self.town.tasks(who)
        found = [row for row in rows if row["case_no"] == self.case_no and row["kind"] == kind]
        assert found, f"{who} has no {kind} here: {[(row['case_no'], row['kind']) for row in rows]}"
        return found[0]

    def handled_on_scene(
        self, outcome: str, text: str, *, by: str = "officer", minutes: int = 40, **said: Any
    ) -> dict[str, Any]:
        """The crew signs push 1, arrives and reports."""
        push = f"pushes/{self.reply['push']['id']}"
        self.town.post(by, f"{push}/sign/")
        self.town.clock.advance(minutes=4)
        self.town.post(by, f"{push}/arrive/")
        self.town.clock.advance(minutes=minutes)
        return self.town.post(by, f"{push}/feedback/", {"outcome": outcome, "text": text, **said})

    def second_push_signed(self, by: str = "community_officer") -> dict[str, Any]:
        """The responsible officer (a red one: the duty leader) signs push 2."""
        push = self.task(by, "push_second.sign")
        return self.town.post(by, f"pushes/{push['object_id']}/sign/")

    def contacted(self, text: str, mode: str = "phone", by: str = "community_officer") -> None:
        self.act(by, "contacts", {"mode": mode, "text": text})

    def settled(self, how: str, text: str, by: str = "community_officer") -> None:
        self.act(by, "settle", {"how": how, "text": text})

    def session_planned(self, instant: str, place: str, by: str, **said: Any) -> str:
        """约调解 with both sides' consent; the address of its page."""
        plan = {"planned_at": f"{instant.replace(' ', 'T')}:00+08:00", "place": place, "both_willing": True}
        return f"/mediation/{self.act(by, 'sessions', {**plan, **said})['id']}/"

    def agreement(self, by: str, facts: str, terms: list[str], **said: Any) -> dict[str, Any]:
        return self.act(by, "agreements", {"form": "written", "facts": facts, "terms": terms, **said})

    def visited(self, by: str, **answers: Any) -> dict[str, Any]:
        """The next follow-up of this person: both sides are asked the four questions."""
        visit = self.task(by, "follow_up.visit")
        path = f"follow-ups/{visit['object_id']}/result/"
        return self.town.post(by, path, {**KEPT, **answers})

    def follow_up_dates(self, by: str) -> list[datetime]:
        """When this person has to have asked, in order."""
        rows = [row for row in self.town.tasks(by) if row["kind"] == "follow_up.visit"]
        return sorted(datetime.fromisoformat(row["due_at"]) for row in rows if row["case_no"] == self.case_no)

    def followed_up_to_the_end(self, by: str, **answers: Any) -> int:
        """Every planned follow-up is made in the morning of its last day; how many there were."""
        dates = self.follow_up_dates(by)
        for due_at in dates:
            day = time.beijing_date(due_at - timedelta(seconds=1))
            self.town.it_is(f"{day.isoformat()} 09:30")
            self.visited(by, **answers)
        return len(dates)

    def closing_approved(self, by: str = "station_chief") -> None:
        """A red or orange case is closed by a chief, from what waits for him."""
        self.task(by, "close.approve")
        self.act(by, "close")

    def timeline(self, who: str = "station_chief") -> list[str]:
        """Kinds of what happened, in order."""
        told = self.town.get(who, f"cases/{self.case_no}/timeline/")
        return [event["kind"] for event in told["results"]]

    def third_push(
        self, *, grade: str, difficulty: str, report: dict[str, str], lead: Unit,
        by: str = "station_command", assisting: Sequence[Unit] = (),
    ) -> Order:  # fmt: skip
        """The command room grades and reports; the order waits for the chief."""
        said = {
            "grade": grade, "difficulty": difficulty, "report": report,
            "lead_unit": lead.code, "assisting_units": [unit.code for unit in assisting],
        }  # fmt: skip
        return Order(self, self.act(by, "third-push", said)["no"])

    def diverted(self, *, to: Unit, reason: str, by: str = "officer") -> Order:
        return Order(self, self.act(by, "divert", {"target": to.code, "reason": reason})["no"])


@dataclass
class Order:
    """An order of the third push, or a diversion."""

    dispute: Dispute
    no: str

    def act(self, who: str, what: str, said: Any = None, *, expect: int | None = None) -> dict[str, Any]:
        return self.dispute.town.post(who, f"work-orders/{self.no}/{what}/", said, expect=expect)

    def tasks_done(self, by_unit: dict[str, tuple[str, str]]) -> None:
        """Each unit reports its own part done: `{code: (who, text)}`."""
        for task in self.dispute.town.get("centre", f"work-orders/{self.no}/")["tasks"]:
            who, text = by_unit[task["unit"]]
            self.act(who, "task-done", {"task_id": task["id"], "text": text})

    def verified(self, text: str, *said: str) -> None:
        """The responsible officer reaches every side, each with what it says, and confirms."""
        sides = self.dispute.case.parties.exclude(role="witness").count()
        contacts = [
            {"side": side, "mode": "phone", "said": said[min(side, len(said)) - 1]}
            for side in range(1, sides + 1)
        ]
        self.act("community_officer", "verify", {"accepted": True, "text": text, "contacts": contacts})

    def packet(self, who: str) -> dict[str, Any]:
        """What the receiving side reads."""
        told: dict[str, Any] = self.dispute.town.get(who, f"work-orders/{self.no}/")["packet"]
        return told
