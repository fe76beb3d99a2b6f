"""Cases of 象珠 that are tracked, a mediator of the pool, and the stage alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Status
from mediation import services
from mediation.models import MediationSession, Mediator
from mediation.services import AgreementDraft, PartyDetails, Promise, SessionPlan, SessionRecord
from tests.cast import Cast

FACTS = "双方因卡车维修款发生争执，甲方拖欠乙方维修费三万元。"
BOTH = (
    cases.PartyFacts(
        role="reporter", name="王甲", phone="13800000001", sex="男", id_type="01",
        id_number="999784198001010019",
    ),
    cases.PartyFacts(name="李乙", phone="13800000002", sex="女"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _other_stages_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other stages do after us is told in their own tests and in the journeys."""
    for kind, paths in lifecycle.FOLLOWED_BY.items():
        kept = tuple(path for path in paths if path.startswith("mediation."))
        monkeypatch.setitem(lifecycle.FOLLOWED_BY, kind, kept)


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """Files of papers go to the test's own folder."""
    settings.HUB_DATA_DIR = tmp_path
    return tmp_path


Tracked = Callable[..., Case]


@pytest.fixture
def tracked(cast: Cast, clock: Any) -> Tracked:
    """`tracked(colour="orange", status="joint")`: one case of 象珠 with two named parties."""

    def make(**columns: Any) -> Case:
        units, given = cast.units, {"status": Status.TRACKING, "colour": "yellow", **columns}
        place = cases.Place(
            bureau=units.bureau, station=units.station, area=units.area, street=units.centre,
            grid=units.grid, address="象珠镇象珠一村12号",
        )  # fmt: skip
        parties = given.pop("parties", BOTH)
        opening = cases.Opening(given.pop("status"), "110", "维修款纠纷", place, "维修款纠纷", parties)
        case = cases.open_case(opening, at=given.pop("opened_at", clock.at))
        Case.objects.filter(pk=case.pk).update(**given)
        return Case.objects.get(pk=case.pk)

    return make


@pytest.fixture
def mediator(cast: Cast) -> Mediator:
    return Mediator.objects.create(
        post=cast.mediator.post, organisation=cast.units.mediation_org, stationed_at=cast.units.station,
        skills=["婚姻家庭"], dialects=["永康话"],
    )  # fmt: skip


@pytest.fixture
def plan(clock: Any) -> Callable[..., SessionPlan]:
    """`plan(mediator=…)`: two hours from now in the station's room, both willing."""

    def make(**changes: Any) -> SessionPlan:
        given = {
            "planned_at": clock.at + timedelta(hours=2),
            "place": "象珠派出所调解室",
            "both_willing": True,
        }
        return SessionPlan(**(given | changes))

    return make


@pytest.fixture
def convened(tracked: Tracked, mediator: Mediator, plan: Any, cast: Cast, clock: Any) -> Callable[..., Any]:
    """`convened()`: a session given to the mediator by the responsible officer."""

    def make(case: Case | None = None, **changes: Any) -> MediationSession:
        wanted = plan(**({"mediator": mediator} | changes))
        return services.convene_session(case or tracked(), wanted, actor=cast.community_officer, at=clock.at)

    return make


@pytest.fixture
def held(convened: Any, cast: Cast, clock: Any) -> Callable[..., Any]:
    """`held(result="failed")`: a session with its record."""

    def make(case: Case | None = None, result: str = "agreed", **changes: Any) -> MediationSession:
        record = SessionRecord(
            result=result, record="09:05 当事人陈述：愿意分期支付。", attendance="王甲、李乙"
        )
        session = convened(case, **changes)
        return services.record_session(session, record, actor=cast.mediator, at=clock.at)

    return make


def draft(**changes: Any) -> AgreementDraft:
    """A written agreement over 30 000 yuan in two instalments."""
    given: dict[str, Any] = {
        "form": "written",
        "facts": FACTS,
        "terms": ("甲方支付乙方维修费三万元。", "双方再无其他争议。"),
        "parties": (PartyDetails("王甲", sex="男", age=45, phone="13800000001"), PartyDetails("李乙")),
        "promises": (
            Promise("支付第一期维修费", date(2026, 3, 31), Decimal("10000.00")),
            Promise("支付第二期维修费", date(2026, 4, 30), Decimal("20000.00")),
        ),
        "total_amount": Decimal("30000.00"),
        "performance_way": "银行转账",
    }
    return AgreementDraft(**(given | changes))


@pytest.fixture
def concluded(held: Any, cast: Cast, clock: Any) -> Callable[..., Any]:
    """`concluded(promises=())`: an agreement the mediator concluded after a session."""

    def make(case: Case | None = None, **changes: Any) -> Any:
        session = held(case)
        return services.conclude_agreement(
            session.case, draft(session=session, **changes), actor=cast.mediator, at=clock.at
        )

    return make


def seen_by_officer(case: Case, cast: Cast, clock: Any) -> None:
    """What the first push does: the crew sees the case."""
    grants.give(case, "push", at=clock.at, post_id=cast.officer.post.pk)


def sent_to_centre(case: Case, cast: Cast, clock: Any) -> None:
    """What the third push does: the centre sees the case."""
    grants.give(case, "order", at=clock.at, unit_id=cast.units.centre.pk)


def close(case: Case, at: Any) -> Case:
    """What the follow-up does at the end."""
    locked = Case.objects.get(pk=case.pk)
    lifecycle.move(locked, Status.CLOSED, actor=SYSTEM, at=at, closed_at=at)
    return locked


@pytest.fixture
def world(tracked, convened, concluded, cast, clock) -> dict[str, Any]:
    """A case with an agreement, another that is mediated and on today's agenda."""
    agreement = concluded()
    paper = services.make_agreement_paper(agreement, actor=cast.mediator, at=clock.at)
    case = convened().case
    for one in (agreement.case, case):
        seen_by_officer(one, cast, clock)
        sent_to_centre(one, cast, clock)
    entry = services.bring_to_consultation(
        case, level="day", held_on=clock.at.date(), reason="当日未化解",
        actor=cast.station_chief, at=clock.at,
        tasks=[services.Task(cast.units.department, "核查工资清单", clock.at.replace(day=9))],
    )  # fmt: skip
    return {
        "session": agreement.session_id, "case": case.case_no, "tracked": case.case_no, "paper": paper.pk,
        "agreement": agreement.number, "consultation": entry.consultation_id, "entry": entry.pk,
    }  # fmt: skip


def send(cast: Cast, who: str, url: str, **fields: Any) -> Any:
    """One form sent by a member of the cast."""
    token = {"form_token": str(uuid.uuid4())}
    return cast.client(getattr(cast, who)).post(url, token | fields)
