"""From codes to units: where an alert belongs. An unknown code never loses an alert (reliability 29)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from dispute_hub.accounts.models import Unit, UnitKind, UnitLink
from dispute_hub.accounts.selectors import street_of_grid
from dispute_hub.cases.models import Case
from dispute_hub.cases.services import Place
from dispute_hub.common.errors import Refused
from intake.message import AlertFacts
from intake.models import Source


@dataclass(frozen=True, slots=True)
class Located:
    """The place, and what was doubtful about it."""

    place: Place
    hints: list[str]


class ForeignCounty(Refused):
    """A machine spoke for a county its key does not cover (reliability 36)."""

    status = 403
    default_code = "out_of_county"
    default_message = "该来源不能上报其他县（市、区）的警情。"


def locate(facts: AlertFacts, source: Source) -> Located:
    """Units of the codes: station, grid, the police area over the grid, the street, the bureau.

    Two statements at most. Raises ForeignCounty when the source may not speak for the station's county.
    """
    codes = {code for code in (facts.station, facts.grid) if code}
    units = (
        {
            unit.code: unit
            for unit in Unit.objects.filter(code__in=codes, is_active=True).select_related(
                "bureau", "parent__parent"
            )
        }
        if codes
        else {}
    )
    station = _of_kind(units.get(facts.station), UnitKind.STATION)
    grid = _of_kind(units.get(facts.grid), UnitKind.GRID)
    area, street, by_area = _around(station, grid)
    hints = ["station_unknown"] if station is None and (facts.station or by_area is None) else []
    if facts.grid and grid is None:
        hints.append("grid_unknown")
    if station is not None and by_area is not None and by_area.pk != station.pk:
        hints.append("place_mismatch")
        area = None
    station = station or by_area
    bureau = (station.bureau if station else None) or source.bureau
    if source.bureau_id and bureau and bureau.pk != source.bureau_id:
        raise ForeignCounty()
    longitude, latitude = _point(facts)
    place = Place(
        bureau=bureau, station=station, area=area, street=street, grid=grid,
        address=facts.address, longitude=longitude, latitude=latitude,
    )  # fmt: skip
    return Located(place, hints)


def put(case: Case, place: Place) -> list[str]:
    """Let a case be where this place is; gives back the columns to save."""
    case.bureau, case.station, case.area = place.bureau, place.station, place.area
    case.street, case.grid, case.holder_unit = place.street, place.grid, place.station
    return ["bureau", "station", "area", "street", "grid", "holder_unit"]


def _of_kind(unit: Unit | None, kind: str) -> Unit | None:
    return unit if unit is not None and unit.kind == kind else None


def _around(station: Unit | None, grid: Unit | None) -> tuple[Unit | None, Unit | None, Unit | None]:
    """Police area, street centre, and the station the area belongs to."""
    wanted = Q(pk__in=[])
    if grid is not None:
        wanted |= Q(kind=UnitLink.Kind.AREA_GRID, governance=grid)
    if station is not None:
        wanted |= Q(kind=UnitLink.Kind.STATION_STREET, police=station)
    if station is None and grid is None:
        return None, None, None
    links = list(
        UnitLink.objects.filter(wanted).select_related("police__parent__bureau", "governance").order_by("id")
    )
    area = next((link.police for link in links if link.kind == UnitLink.Kind.AREA_GRID), None)
    streets = [link.governance for link in links if link.kind == UnitLink.Kind.STATION_STREET]
    # A station that serves several streets does not tell which one; the grid does.
    street = street_of_grid(grid) if grid is not None else (streets[0] if len(streets) == 1 else None)
    return area, street, area.parent if area is not None else None


def _point(facts: AlertFacts) -> tuple[Decimal | None, Decimal | None]:
    """Coordinates that fit the column; what does not stays in the version as it came."""
    if facts.longitude is None or facts.latitude is None:
        return None, None
    if abs(facts.longitude) > 180 or abs(facts.latitude) > 180:
        return None, None
    return Decimal(str(facts.longitude)), Decimal(str(facts.latitude))
