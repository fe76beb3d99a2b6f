"""Cases for tests of the kernel, in any status, without the stages above it."""

from datetime import datetime

from dispute_hub.cases import services
from dispute_hub.cases.models import Case


def a_case(cast, at: datetime, *, status: str = "scene", colour: str = "", **opening) -> Case:
    """A case of 象珠派出所."""
    units = cast.units
    place = services.Place(
        bureau=units.bureau,
        station=units.station,
        area=units.area,
        street=units.centre,
        address="象珠一村3号",
    )
    facts = {"status": "scene", "source": "110", "title": "邻里噪音纠纷", "place": place} | opening
    case = services.open_case(services.Opening(**facts), at=at)
    Case.objects.filter(pk=case.pk).update(status=status, colour=colour)
    case.refresh_from_db()
    return case
