"""查看明文: one field, a purpose, a trace, and an end to it."""

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.cases.models import Party
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from reports import services


class TestReveal:
    @pytest.fixture
    def party(self, case) -> Party:
        return Party.objects.get(case=case, phone_last4__isnull=False, role="party")

    def ask(self, actor, case, party, clock, **given):
        asked = {"field": "phone", "purpose": "follow_up"} | given
        return services.reveal(case, party_id=party.pk, actor=actor, at=clock.at, **asked)

    def test_one_field_for_a_purpose_under_a_trace_without_the_value(self, case, party, cast) -> None:
        url = f"/cases/{case.case_no}/reveal/?party={party.pk}&field=phone"
        answer = cast.client(cast.community_officer).post(url, {"purpose": "follow_up"})
        assert "13800000002" in answer.content.decode()
        trace = AccessLog.objects.get(kind="reveal")
        assert trace.data == {"case_no": case.case_no, "field": "phone", "purpose": "follow_up"}

    def test_who(self, case, party, cast) -> None:
        url = f"/cases/{case.case_no}/reveal/?party={party.pk}&field=phone"
        expected = {"community_officer": 200, "other_station_chief": 404, "leader": 403, "auditor": 403}
        given = {
            name: cast.client(getattr(cast, name)).post(url, {"purpose": "follow_up"}).status_code
            for name in expected
        }
        assert given == expected

    def test_a_purpose_is_asked_for(self, case, party, cast, clock) -> None:
        with pytest.raises(Invalid):
            self.ask(cast.community_officer, case, party, clock, purpose="curiosity")

    def test_only_fields_that_are_masked_values(self, case, party, cast, clock) -> None:
        with pytest.raises(NoRight):
            self.ask(cast.community_officer, case, party, clock, field="id_number_blind")

    def test_the_thirty_first_in_an_hour_is_told_to_the_security_administrator(
        self, case, party, cast, clock
    ) -> None:
        user = cast.community_officer.user
        AccessLog.objects.bulk_create(
            AccessLog(at=clock.at, kind="reveal", user=user, data={}) for _ in range(30)
        )
        self.ask(cast.community_officer, case, party, clock)
        notice = OutboxRow.objects.filter(topic="notice").latest("id")
        assert "330003" in str(notice.payload)

    def test_after_two_hundred_on_one_day_it_stops(self, case, party, cast, clock) -> None:
        user = cast.community_officer.user
        AccessLog.objects.bulk_create(
            AccessLog(at=clock.at, kind="reveal", user=user, data={}) for _ in range(199)
        )
        self.ask(cast.community_officer, case, party, clock)
        with pytest.raises(NoRight, match="200次"):
            self.ask(cast.community_officer, case, party, clock)
        clock.advance(days=1)
        self.ask(cast.community_officer, case, party, clock)
