"""The rows of one case in every table, as the services would have left them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any, Final

from dispute_hub.common.time import beijing_date
from dispute_hub.demo.bulk._copying import json_text
from dispute_hub.demo.bulk._fates import VISITS, Fate
from dispute_hub.demo.bulk._places import Place, Places
from dispute_hub.demo.bulk._pool import Pool, Sealed, Told, address_key
from dispute_hub.demo.bulk._tables import Tables

LEVELS: Final = {"red": "high", "orange": "medium", "yellow": "low", "blue": "low", "": ""}
ORDER_STATUS: Final = {"review": "proposed", "joint": "accepted", "verifying": "to_verify"}
SYSTEM: Final = (None, None, "系统")
DAY: Final = timedelta(days=1)
Who = tuple[int | None, int | None, str]  # post, user, label


class Rows(Tables):
    """Fills the tables; `case` writes one case with everything that belongs to it."""

    def __init__(
        self, pool: Pool, places: Places, rng: random.Random, *, now: datetime, first_no: int
    ) -> None:
        super().__init__()
        self.pool, self.places, self.rng, self.now, self.no = pool, places, rng, now, first_no

    def case(self, told: Told, place: Place, fate: Fate, absorbed_into: int | None) -> int:
        """One case; returns its id."""
        rng, self.no = self.rng, self.no + 1
        day = f"{beijing_date(fate.opened_at):%Y%m%d}"
        phase = 3 if fate.is_third else 2 if fate.is_tracked else 1
        calls = 1 if rng.random() < 0.86 else 2
        where = f"{place.address}{rng.randint(1, 199)}号"
        key = address_key(where)
        holder = place.responsible[0] if fate.is_tracked else None
        case_id = self.cases.add(
            f"JF{day}{self.no:06d}", fate.status, "tracking" if absorbed_into else "", phase, told.title,
            where,
            key, "110", told.colour, told.sentence, LEVELS[told.colour], told.item, told.side,
            self.places.bureau_id, place.station_id, place.area_id, place.street_id, place.grid_id,
            place.station_id, holder, fate.opened_at, fate.opened_at, calls, fate.settled_at, fate.how,
            fate.closed_at, fate.closed_at or fate.settled_at or fate.contacted_at or fate.opened_at,
            absorbed_into, told.words,
        )  # fmt: skip
        people = rng.sample(self.pool.people, 2)
        for role, person in (("reporter", people[0]), ("party", people[1])):
            self.parties.add(case_id, role, person.sex, *person.party, fate.opened_at)
        for number in range(calls):
            self._call(
                case_id, told, place, fate, people[0], (where, key, f"{day}B{self.no:07d}{number}"), number
            )
        if fate.is_tracked:
            self._tracked(case_id, told, place, fate)
        if fate.is_third:
            self._third(case_id, told, place, fate, day)
        if fate.settled_at is not None:
            self._settled(case_id, told, place, fate)
        elif fate.status in ("not_dispute", "void", "absorbed"):
            self._event(
                case_id, f"case.{fate.status}", fate.reported_at or fate.opened_at, place.chief, "scene"
            )
        return case_id

    def _call(
        self, case_id: int, told: Told, place: Place, fate: Fate, caller: Sealed, at_place: tuple[str, str,
        str],
        number: int,
    ) -> None:  # fmt: skip
        where, key, alert_no = at_place
        received = fate.opened_at + number * timedelta(minutes=2)
        dispatch = _dispatch_status(fate)
        alert_id = self.alerts.add(
            self.places.source_id, f"330784{alert_no}", f"330784{alert_no}", case_id,
            "auto" if number else "",
            dispatch, received, received, *caller.reporter, caller.sex, where, key, place.station_id,
            place.grid_id, place.street_id, self.places.bureau_id, self.places.reception_id, told.narrative,
            told.item[:3], told.people, told.amount, told.flags, told.is_dispute,
            fate.outcome if fate.reported_at else "", fate.reported_at,
            "到场处置，双方情况已核实。" if fate.outcome else "",
        )  # fmt: skip
        self.versions.add(alert_id, 1, told.content, told.content_hash, True, received, received, "来源 110")
        subject = {"alert_id": alert_id}
        event = self._event(case_id, "alert.received", received, (None, None, "来源 110"), subject=("alert",
        alert_id),
                            data=subject)  # fmt: skip
        assessed = self.assessments.add(
            case_id, alert_id, event, told.colour, told.colour, told.is_dispute, told.item, told.item_name,
            told.alternatives, told.side, told.factors, told.sentence, told.measures, told.leads, "1",
            received,
        )  # fmt: skip
        self._event(case_id, "case.assessed", received, SYSTEM, subject=("assessment", assessed),
                    data={**subject, "colour": told.colour})  # fmt: skip
        if fate.status != "pool":
            self._first_push(case_id, alert_id, told, place, fate, received)

    def _first_push(
        self, case_id: int, alert_id: int, told: Told, place: Place, fate: Fate, issued: datetime
    ) -> None:
        crew = place.crew[0]
        status = ("reported" if fate.reported_at else "arrived" if fate.arrived_at else
                  "signed" if fate.signed_at else "issued")  # fmt: skip
        push_id = self.pushes.add(
            case_id, alert_id, 1, status, "alert", "{alert}", told.colour, place.station_id, "officer",
            None, "{}",
            None, issued, fate.signed_at, crew[0] if fate.signed_at else None, fate.arrived_at,
            fate.reported_at,
            fate.outcome if fate.reported_at else "", "到场处置。" if fate.reported_at else "", None,
        )  # fmt: skip
        subject = ("push", push_id)
        self._event(case_id, "push.issued", issued, SYSTEM, subject=subject, data={"tier": 1})
        for kind, at in (
            ("signed", fate.signed_at),
            ("arrived", fate.arrived_at),
            ("reported", fate.reported_at),
        ):
            if at is not None:
                self._event(case_id, f"push.{kind}", at, crew, subject=subject, data={"tier": 1})
        if fate.reported_at is None:
            key = told.colour or "orange"
            kind = "push_first.feed_back" if fate.signed_at else "push_first.sign"
            self._clock(case_id, "push", push_id, kind, key, place.station_id, crew[0], "officer", issued)
            self.grants.add(case_id, None, crew[0], f"push:{push_id}", issued)

    def _tracked(self, case_id: int, told: Told, place: Place, fate: Fate) -> None:
        over, officer = fate.settled_at, place.responsible
        queued, contacted = fate.queued_at, fate.contacted_at
        assert queued is not None
        assert contacted is not None
        is_open = fate.status in ("tracking", "review")
        waits = is_open and self.rng.random() < 0.3
        status = "issued" if waits else "reported" if is_open else "ended"
        push_id = self.pushes.add(
            case_id, None, 2, status, fate.outcome, "{" + fate.outcome + "}", told.colour, place.area_id,
            "community_officer", officer[0], f"{{{officer[0]}}}", queued, queued,
            None if waits else contacted, None if waits else officer[0], None, None if waits else contacted,
            "", "", None if is_open else over or contacted,
        )  # fmt: skip
        self._event(case_id, "case.tracking", queued, place.crew[0], "scene", data={"entry": fate.outcome})
        self._event(case_id, "push.issued", queued, SYSTEM, subject=("push", push_id), data={"tier": 2})
        if waits:
            self._clock(case_id, "push", push_id, "push_second.contact", told.colour, place.area_id,
            officer[0],
                        "community_officer", queued)  # fmt: skip
            return
        self._event(case_id, "push.signed", contacted, officer, subject=("push", push_id), data={"tier": 2})
        self._event(
            case_id, "case.contacted", contacted, officer, data={"mode": "phone", "text": "已联系双方。"}
        )

    def _third(self, case_id: int, told: Told, place: Place, fate: Fate, day: str) -> None:
        """The order; `fate.sent_at` is when it was approved and sent, or proposed while it waits."""
        sent, over, officer = fate.sent_at, fate.settled_at, place.responsible
        assert sent is not None
        status = ORDER_STATUS.get(fate.status, "done" if over else "returned")
        was_sent = None if status == "proposed" else sent
        accepted = was_sent if status in ("accepted", "to_verify", "done") else None
        chief, centre = place.chief, place.centre
        ended = over or (sent if status == "returned" else None)
        order_id = self.orders.add(
            f"JB{day}{self.no:06d}", case_id, "third_push", status, "urgent", place.street_id,
            "请组织联合调解。", sent,
            officer[0], officer[1], was_sent, chief[0] if was_sent else None, chief[1] if was_sent else None,
            was_sent, accepted, centre[0] if accepted else None, ended,
            fate.how if status == "done" else "", "", over,
        )  # fmt: skip
        self.reports.add(f"FX{day}{self.no:06d}", order_id, "事实清楚。", "沟通不畅。", "暂无激化迹象。",
        "已调解一次。",
                         "建议联合调解。", officer[0], sent)  # fmt: skip
        self._event(case_id, "case.review", sent, officer, "tracking", subject=("workorder", order_id))
        self._event(case_id, "order.proposed", sent, officer, subject=("workorder", order_id))
        kind, holder, role = "order.approve", place.station_id, "station_chief"
        if was_sent:
            self._event(case_id, "order.approved", sent, chief, subject=("workorder", order_id))
            self._event(case_id, "case.joint", sent, chief, "review", subject=("workorder", order_id))
            kind, holder, role = "order.result", place.street_id, "centre"
        if status == "to_verify":
            self._event(case_id, "case.verifying", sent, centre, "joint", subject=("workorder", order_id))
            kind, holder, role = "order.verify", place.area_id, "community_officer"
        if over is None and status != "returned":
            self._clock(case_id, "workorder", order_id, kind, "urgent", holder, None, role, sent)
            if was_sent:
                self.grants.add(case_id, place.street_id, None, "order", sent)

    def _settled(self, case_id: int, told: Told, place: Place, fate: Fate) -> None:
        at, officer = fate.settled_at, place.responsible
        assert at is not None
        who = officer if fate.is_tracked else place.crew[0]
        before = "tracking" if fate.is_tracked else "scene"
        settlement = self._event(
            case_id, "case.settled", at, who, before, data={"how": fate.how, "text": "双方和解。"}
        )
        if fate.status == "absorbed":
            self._event(case_id, "case.absorbed", at, place.chief, "settled")
            return
        for number, days in enumerate(VISITS.get(told.colour, (14,)), start=1):
            due = at + days * DAY
            done = fate.closed_at and min(due - DAY / 8, fate.closed_at)
            status = "done" if done else "due" if due < self.now + DAY else "planned"
            visit_id = self.visits.add(
                case_id, settlement, number, "call", status, officer[0], place.area_id, "community_officer",
                at, due,
                done, officer[0] if done else None, "结果保持良好。" if done else "",
            )  # fmt: skip
            if done:
                self._event(case_id, "follow_up.done", done, officer, subject=("followup", visit_id))
            else:
                self._clock(case_id, "followup", visit_id, "follow_up.visit", told.colour, place.area_id,
                officer[0],
                            "community_officer", at, due)  # fmt: skip
        if fate.closed_at is not None:
            self._event(case_id, "case.closed", fate.closed_at, SYSTEM, "settled")

    def _event(
        self, case_id: int, kind: str, at: datetime, who: Who, former: str = "", *,
        subject: tuple[str, int] | tuple[()] = (), data: dict[str, Any] | None = None,
    ) -> int:  # fmt: skip
        """A line of the timeline; `former` is the status a change of status came from."""
        said = dict(data or {})
        if former:
            said |= {"from": former, "to": kind.partition(".")[2]}
        subject_kind, subject_id = subject or ("", None)
        return self.events.add(
            case_id, kind, at, 1, who[0], who[1], who[2], subject_kind, subject_id, json_text(said)
        )

    def _clock(
        self, case_id: int, subject: str, subject_id: int, kind: str, key: str, unit_id: int,
        post_id: int | None,
        role: str, at: datetime, due: datetime | None = None,
    ) -> None:  # fmt: skip
        """A running clock. One that is over has taken its steps: years of ladders must not fire at once."""
        due = due or self.now + timedelta(hours=self.rng.uniform(-30, 140))
        ahead = due if due > self.now else None
        self.deadlines.add(
            case_id, subject, subject_id, kind, key, unit_id, post_id, role, "agreed", at, due, ahead
        )


def _dispatch_status(fate: Fate) -> str:
    if fate.status == "pool":
        return "awaiting"
    if fate.reported_at:
        return "reported"
    return "arrived" if fate.arrived_at else "signed" if fate.signed_at else "dispatched"
