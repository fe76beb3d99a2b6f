"""API of the reports: cases, the case file, its timeline, what to do now, the clearance figures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page, single_param
from reports import answers, selectors, services
from reports.forms import read_filter
from reports.periods import read_period
from routing.selectors import packet_for

FILTERS = [
    OpenApiParameter(name, str)
    for name in (
        "status", "colour", "level", "station", "item", "q", "updated_since", "cursor", "page_size",
    )
]  # fmt: skip


class CasesAnswer(serializers.Serializer[Any]):
    """One page of cases."""

    results = serializers.ListField(child=serializers.DictField())
    next = serializers.CharField(allow_null=True)


class CasesView(APIView):
    """`GET /cases/`: the cases in sight, newest first, at most 200 a page."""

    acts = {"GET": "case.read"}

    @extend_schema(parameters=FILTERS, responses=CasesAnswer)
    def get(self, request: Request) -> Response:
        actor, at = actor_of(request), time.now()
        outside = selectors.is_outside(actor)
        wanted = read_filter(request, is_outside=outside)
        cursor, size = single_param(request, "cursor"), single_param(request, "page_size")
        page = selectors.case_page(actor, wanted, at=at, cursor=cursor, size=size)
        rows = [answers.of_case(case, is_outside=outside) for case in page.rows]
        return Response({"results": rows, "next": answers.next_url(request, page.next_cursor)})


class CaseView(APIView):
    """`GET /cases/{case_no}/`: the file; a unit that has an order gets the order's packet, 404 before."""

    acts = {"GET": "case.read"}

    @extend_schema(responses=serializers.DictField())
    def get(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        order = selectors.order_in_sight(actor, case_no, at=at)
        if order is not None:
            return Response(packet_for(order, order.case, actor))
        return Response(answers.of_file(selectors.case_file(actor, case_no, topic="", at=at)))


class TimelineView(APIView):
    """`GET /cases/{case_no}/timeline/`: oldest first."""

    acts = {"GET": "case.read"}

    @extend_schema(parameters=FILTERS[-2:], responses=CasesAnswer)
    def get(self, request: Request, case_no: str) -> Response:
        actor, at = actor_of(request), time.now()
        events = selectors.timeline_of(actor, case_no, at=at)
        cursor, size = single_param(request, "cursor"), single_param(request, "page_size")
        page = keyset_page(events, order=("id",), cursor=cursor, size=size)
        rows = [answers.of_event(event, is_clear=False) for event in page.rows]
        return Response({"results": rows, "next": answers.next_url(request, page.next_cursor)})


class WorklistView(APIView):
    """`GET /worklist/`: what the caller must do now, most urgent first."""

    acts = {"GET": "worklist.read"}

    @extend_schema(parameters=FILTERS[-2:], responses=CasesAnswer)
    def get(self, request: Request) -> Response:
        cursor, size = single_param(request, "cursor"), single_param(request, "page_size")
        found = selectors.worklist(actor_of(request), at=time.now(), cursor=cursor, size=size)
        rows = [answers.of_work(row) for row in found.rows]
        return Response({"results": rows, "next": answers.next_url(request, found.next_cursor)})


class ClearanceView(APIView):
    """`GET /reports/clearance/?period=day|week|month&date=today&unit=own`."""

    acts = {"GET": "board.read"}

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in ("period", "date", "unit")],
        responses=serializers.DictField(),
    )
    def get(self, request: Request) -> Response:
        at = time.now()
        span, day, unit = (single_param(request, name) for name in ("period", "date", "unit"))
        period = read_period(span, day, today=time.beijing_date(at))
        territory = selectors.territory_of(actor_of(request), unit)
        days = selectors.shown_days(period)
        services.count(territory.bureau_id, selectors.compared(period), days, at=at)
        return Response(selectors.as_answer(selectors.board(territory, period, at=at)))
