"""API doors of mediation: sessions, agreements, consultations of a case (design, API v1)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of
from dispute_hub.cases.models import Case
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.api import AwareInstant, StrictBoolean, StrictChar, StrictDecimal, StrictInteger
from mediation import selectors, services
from mediation.models import Agreement, ConsultationLevel, SessionKind, SessionOrigin

Body = serializers.Serializer[Any]
Rows = serializers.ListSerializer[Any]


class StrictDay(serializers.DateField):
    """A day as 2026-03-04 in a JSON string; not an instant."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


class SessionRequest(Body):
    """`both_willing` must be true: mediation is voluntary."""

    planned_at = AwareInstant(future_within=None)
    place = StrictChar(max_length=100)
    kind = serializers.ChoiceField(choices=SessionKind.choices, default=SessionKind.PEOPLE)
    origin = serializers.ChoiceField(choices=SessionOrigin.choices, default=SessionOrigin.POLICE)
    mediator = StrictInteger(required=False, allow_null=True, min_value=1, max_value=2**31)
    both_willing = StrictBoolean()

    def plan(self, case: Case) -> services.SessionPlan:
        """The arguments of `services.convene_session`."""
        given = dict(self.validated_data)
        mediator = selectors.mediator_named(case, given.pop("mediator", None))
        return services.SessionPlan(mediator=mediator, **given)


class AgreementPartyRequest(Body):
    name = StrictChar(max_length=80)
    representative = StrictChar(max_length=80, required=False, allow_blank=True)
    sex = serializers.ChoiceField(choices=["男", "女"], required=False)
    ethnicity = StrictChar(max_length=20, required=False, allow_blank=True)
    age = StrictInteger(min_value=0, max_value=130, required=False, allow_null=True)
    occupation = StrictChar(max_length=40, required=False, allow_blank=True)
    phone = StrictChar(max_length=30, required=False, allow_blank=True)
    address = StrictChar(max_length=100, required=False, allow_blank=True)
    id_number = StrictChar(max_length=30, required=False, allow_blank=True)


class PromiseRequest(Body):
    what = StrictChar(max_length=200)
    amount = StrictDecimal(max_digits=12, decimal_places=2, required=False, allow_null=True)
    due_on = StrictDay()


class AgreementRequest(Body):
    """Without `parties` the named parties of the case are taken."""

    form = serializers.ChoiceField(choices=Agreement.Form.choices)
    facts = StrictChar(max_length=4000)
    terms = serializers.ListField(child=StrictChar(max_length=1000), min_length=1, max_length=50)
    parties: Rows = serializers.ListSerializer(child=AgreementPartyRequest(), required=False, max_length=200)
    items: Rows = serializers.ListSerializer(child=PromiseRequest(), required=False, max_length=60)
    responsibility = StrictChar(max_length=2000, required=False, allow_blank=True)
    performance_way = StrictChar(max_length=500, required=False, allow_blank=True)
    total_amount = StrictDecimal(
        max_digits=12, decimal_places=2, required=False, allow_null=True, min_value=0
    )
    copies = StrictInteger(min_value=1, max_value=99, required=False)
    session = StrictChar(max_length=30, required=False, allow_blank=True)
    version = StrictInteger(required=False)

    def draft(self, case: Case) -> services.AgreementDraft:
        """The arguments of `services.conclude_agreement`."""
        given = dict(self.validated_data)
        given.pop("version", None)
        named = tuple(services.PartyDetails(**party) for party in given.pop("parties", ()))
        return services.AgreementDraft(
            terms=tuple(given.pop("terms")),
            parties=named or selectors.recorded_parties(case),
            promises=tuple(services.Promise(**item) for item in given.pop("items", ())),
            session=selectors.session_named(case, given.pop("session", "")),
            **given,
        )


class TaskRequest(Body):
    unit = StrictChar(max_length=40)
    task = StrictChar(max_length=500)
    due_at = AwareInstant(future_within=None)


class ConsultationRequest(Body):
    level = serializers.ChoiceField(choices=ConsultationLevel.choices)
    held_on = StrictDay(required=False)
    reason = StrictChar(max_length=100)
    decisions: Rows = serializers.ListSerializer(child=TaskRequest(), required=False, max_length=20)

    def wanted(self, actor: PostActor, today: date) -> dict[str, Any]:
        """The arguments of `services.bring_to_consultation`; the meeting is today's unless named."""
        given = dict(self.validated_data)
        tasks = [
            services.Task(selectors.owner_named(actor, one["unit"]), one["task"], one["due_at"])
            for one in given.pop("decisions", ())
        ]
        return {"held_on": today, **given, "tasks": tasks}


class _CaseView(APIView):
    acts: ClassVar[dict[str, str]]
    body: ClassVar[type[Body]]

    def _load(self, request: Request, case_no: str) -> tuple[PostActor, datetime, Case, Any]:
        """Right before scope before content: what is refused first says least."""
        actor, at = actor_of(request), time.now()
        policy.require(actor, self.acts["POST"], at=at)
        case = get_case(actor, case_no, at=at)
        wanted = self.body(data=request.data)
        wanted.is_valid(raise_exception=True)
        return actor, at, case, wanted


class SessionsView(_CaseView):
    """`POST /cases/{case_no}/sessions/`: 约调解."""

    acts: ClassVar = {"POST": "session.convene"}
    body = SessionRequest

    @extend_schema(request=SessionRequest, responses={201: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at, case, wanted = self._load(request, case_no)
        made = services.convene_session(case, wanted.plan(case), actor=actor, at=at)
        return Response(selectors.answer_of_session(made), status=201)


class AgreementsView(_CaseView):
    """`POST /cases/{case_no}/agreements/`: an agreement with its performance items settles the case."""

    acts: ClassVar = {"POST": "agreement.conclude"}
    body = AgreementRequest

    @extend_schema(request=AgreementRequest, responses={201: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at, case, wanted = self._load(request, case_no)
        version = wanted.validated_data.get("version")
        draft = wanted.draft(case)
        made = services.conclude_agreement(case, draft, actor=actor, at=at, version=version)
        return Response(selectors.answer_of_agreement(made), status=201)


class ConsultationsView(_CaseView):
    """`POST /cases/{case_no}/consultations/`: 提交会商, with its decisions if there are any."""

    acts: ClassVar = {"POST": "consultation.convene"}
    body = ConsultationRequest

    @extend_schema(request=ConsultationRequest, responses={201: dict})
    def post(self, request: Request, case_no: str) -> Response:
        actor, at, case, wanted = self._load(request, case_no)
        given = wanted.wanted(actor, time.beijing_date(at))
        entry = services.bring_to_consultation(case, actor=actor, at=at, **given)
        return Response(selectors.answer_of_consultation(entry), status=201)
