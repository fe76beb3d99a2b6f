"""`/sheets/{station}/{date}/`: the morning sheet as frozen, and its signature."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispute_hub.accounts.doors import actor_of
from dispute_hub.common import time
from routing import selectors, services
from routing.models import DailySheet, DailySheetRow


class SheetRowAnswer(serializers.ModelSerializer[DailySheetRow]):
    """One row as it stood at the cut-off; parties masked as in every station list."""

    parties = serializers.CharField(source="masked_parties")
    assigned_to = serializers.StringRelatedField[Any]()

    class Meta:
        model = DailySheetRow
        fields = (
            "id", "section", "case_no", "colour", "level", "status", "title", "parties", "item_name",
            "holder_label", "alerts_count", "opened_at", "days_open", "clock_name", "due_at", "read_at",
            "assigned_to", "consulted_at",
        )  # fmt: skip


class CorrectionAnswer(serializers.Serializer[Any]):
    """更正 beside the frozen rows."""

    case_no = serializers.CharField()
    at = serializers.DateTimeField()
    text = serializers.CharField()


class SheetAnswer(serializers.ModelSerializer[DailySheet]):
    """`sheet_on` is the morning; figures cover the day before, 00:00–24:00."""

    station = serializers.CharField(source="station.code")
    signed_by = serializers.StringRelatedField[Any]()
    rows = SheetRowAnswer(many=True)
    corrections = serializers.SerializerMethodField()

    class Meta:
        model = DailySheet
        fields = (
            "station", "sheet_on", "cut_off_at", "issued_at", "figures", "figures_before", "signed_at",
            "signed_by", "signed_by_duty", "rows", "corrections",
        )  # fmt: skip

    @extend_schema(responses=CorrectionAnswer(many=True))
    def get_corrections(self, sheet: DailySheet) -> Any:
        return CorrectionAnswer(selectors.corrections(sheet), many=True).data


class SheetView(APIView):
    """`GET /sheets/{station}/{date}/`."""

    acts = {"GET": "sheet.read"}

    @extend_schema(responses=SheetAnswer)
    def get(self, request: Request, station: str, sheet_on: date) -> Response:
        sheet = selectors.get_sheet(actor_of(request), station, sheet_on, at=time.now())
        return Response(SheetAnswer(sheet).data)


class SheetSignView(APIView):
    """`POST /sheets/{station}/{date}/sign/`."""

    acts = {"POST": "sheet.sign"}

    @extend_schema(request=None, responses=SheetAnswer)
    def post(self, request: Request, station: str, sheet_on: date) -> Response:
        actor, at = actor_of(request), time.now()
        sheet = selectors.get_sheet(actor, station, sheet_on, at=at)
        return Response(SheetAnswer(services.sign_sheet(sheet, actor=actor, at=at)).data)
