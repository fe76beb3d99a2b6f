"""Who is on duty now: roster, B岗 while somebody is away, chains that end, the bureau behind the station."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from dispute_hub.accounts import policy, selectors
from dispute_hub.accounts.models import Absence, Post
from dispute_hub.common.errors import NoRight

HOUR = timedelta(hours=1)


def away(actor, clock, *, hours=1):
    return Absence.objects.create(
        post=actor.post, starts_at=clock.at, ends_at=clock.at + hours * HOUR, reason="休假",
        entered_by=actor.post, entered_at=clock.at,
    )  # fmt: skip


def stands_in(actor, stand_in):
    Post.objects.filter(pk=actor.post.pk).update(stand_in=stand_in.post)


def crew(cast, at):
    return [post.pk for post in selectors.on_duty(cast.units.station.pk, "crew", at)]


class TestNow:
    @pytest.mark.parametrize(("minutes", "alone"), [(-1, False), (0, True), (59, True), (60, False)])
    def test_a_turn_is_half_open_and_a_gap_falls_back_on_everybody(self, cast, clock, minutes, alone):
        cast.roster(cast.officer, "crew", clock.at, clock.at + HOUR)
        everybody = [cast.officer.post.pk, cast.second_officer.post.pk]
        found = crew(cast, clock.at + timedelta(minutes=minutes))
        assert found == (everybody[:1] if alone else everybody)

    def test_the_answer_follows_the_roster_at_once(self, cast, clock):
        turn = cast.roster(cast.officer, "crew", clock.at, clock.at + HOUR)
        assert crew(cast, clock.at) == [cast.officer.post.pk]
        turn.post = cast.second_officer.post
        turn.save()
        assert crew(cast, clock.at) == [cast.second_officer.post.pk]

    def test_who_is_away_is_done_by_his_stand_in(self, cast, clock):
        cast.roster(cast.officer, "crew", clock.at, clock.at + 9 * HOUR)
        stands_in(cast.officer, cast.second_officer)
        away(cast.officer, clock)
        assert crew(cast, clock.at) == [cast.second_officer.post.pk]
        assert crew(cast, clock.at + HOUR) == [cast.officer.post.pk]

    def test_a_chain_goes_on_and_a_circle_ends_with_nobody(self, cast, clock):
        third = cast.add("third_officer", "officer", cast.units.station)
        for one, other in ((cast.officer, cast.second_officer), (cast.second_officer, third)):
            stands_in(one, other)
            away(one, clock)
        cast.officer.post.refresh_from_db()
        assert selectors.there_for(cast.officer.post, clock.at) == third.post
        stands_in(third, cast.officer)
        away(third, clock)
        assert selectors.there_for(cast.officer.post, clock.at) is None

    def test_nobody_stands_in_for_himself(self, cast, clock):
        with pytest.raises(IntegrityError):
            stands_in(cast.officer, cast.officer)

    def test_one_query_for_a_roster(self, cast, clock, django_assert_num_queries):
        for actor in (cast.officer, cast.second_officer):
            cast.roster(actor, "crew", clock.at, clock.at + HOUR)
        with django_assert_num_queries(1):
            assert len(crew(cast, clock.at)) == 2


class TestOfficers:
    def officers(self, cast, at):
        return [post.pk for post in selectors.responsible_officers(cast.units.area.pk, at)]

    def test_the_stand_in_while_the_officer_is_away_or_gone(self, cast, clock):
        stands_in(cast.community_officer, cast.second_officer)
        assert self.officers(cast, clock.at) == [cast.community_officer.post.pk]
        away(cast.community_officer, clock)
        assert self.officers(cast, clock.at) == [cast.second_officer.post.pk]
        Post.objects.filter(pk=cast.community_officer.post.pk).update(ends_at=clock.at)
        assert self.officers(cast, clock.at + 2 * HOUR) == [cast.second_officer.post.pk]

    def test_a_colleague_of_the_area_comes_before_the_stand_in(self, cast, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        stands_in(cast.community_officer, cast.second_officer)
        away(cast.community_officer, clock)
        assert self.officers(cast, clock.at) == [other.post.pk]

    def test_nobody_there(self, cast, clock):
        away(cast.community_officer, clock)
        assert self.officers(cast, clock.at) == []


class TestLeaders:
    def leaders(self, cast, at, besides=None):
        besides_user_id = besides.user.pk if besides else None
        found = selectors.leaders_on_duty(cast.units.station, at, besides_user_id=besides_user_id)
        return [post.pk for post in found]

    def test_duty_leader_first_then_the_chiefs_never_the_proposer(self, cast, clock):
        cast.roster(cast.officer, "leader", clock.at, clock.at + HOUR)
        assert self.leaders(cast, clock.at) == [cast.officer.post.pk, cast.station_chief.post.pk]
        assert self.leaders(cast, clock.at, cast.officer) == [cast.station_chief.post.pk]

    def test_without_a_second_leader_the_bureaus_duty_leader_decides(self, cast, clock):
        assert self.leaders(cast, clock.at, cast.station_chief) == [cast.bureau.post.pk]
        second = cast.add("second_bureau", "bureau", cast.units.bureau)
        cast.roster(second, "leader", clock.at, clock.at + HOUR)
        assert self.leaders(cast, clock.at, cast.station_chief) == [second.post.pk]

    def test_the_stand_in_of_the_duty_leader_decides_only_while_he_is_away(self, cast, clock):
        cast.roster(cast.station_chief, "leader", clock.at, clock.at + 9 * HOUR)
        stands_in(cast.station_chief, cast.officer)
        with pytest.raises(NoRight):
            policy.require(cast.officer, "sheet.sign", at=clock.at)
        away(cast.station_chief, clock)
        assert policy.require(cast.officer, "sheet.sign", at=clock.at) is True
        with pytest.raises(NoRight):
            policy.require(cast.officer, "sheet.sign", at=clock.at + HOUR)
