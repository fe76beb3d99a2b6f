"""值班表: turns, a week copied, B岗 without circles, absences; who may change which unit's."""

from datetime import date, timedelta

import pytest

from dispute_hub.accounts import roster_selectors, selectors
from dispute_hub.accounts import roster_services as services
from dispute_hub.accounts.models import Absence, DutyRoster
from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope

MONDAY = date(2026, 3, 2)
TODAY = date(2026, 3, 4)
PAGE = "/roster/330784-XZ/"


@pytest.fixture
def put(cast, clock):
    """`put(cast.officer, day, "night")` at the station by its chief."""

    def run(who, day=TODAY, shift="day", *, duty="crew", by=None, unit=None):
        starts_at, ends_at = roster_selectors.span_of(day, shift)
        return services.put_on_duty(
            unit or who.unit, post=who.post, duty=duty, starts_at=starts_at, ends_at=ends_at,
            actor=by or cast.station_chief, at=clock.at,
        )  # fmt: skip

    return run


def week(cast, clock, day=TODAY):
    return roster_selectors.week_page(cast.station_chief, cast.units.station, day, at=clock.at)


class TestTurns:
    def test_who_is_put_on_duty_is_on_duty(self, put, cast, clock):
        put(cast.second_officer)
        on = selectors.on_duty(cast.units.station.pk, "crew", clock.at)
        assert [post.pk for post in on] == [cast.second_officer.post.pk]
        assert AccessLog.objects.filter(object_kind="roster", object_id="330784-XZ").exists()

    def test_again_is_the_same_turn(self, put, cast):
        assert put(cast.officer) == put(cast.officer)

    def test_overlap_names_where_he_already_is(self, put, cast):
        put(cast.officer, duty="leader")
        with pytest.raises(Invalid) as refusal:
            put(cast.officer)
        assert "象珠派出所排值班领导" in refusal.value.fields["post"][0]

    @pytest.mark.parametrize("who", ["community_officer", "station_command", "other_officer"])
    def test_only_those_who_may_do_the_duty(self, put, cast, who):
        with pytest.raises(Invalid):
            put(getattr(cast, who), unit=cast.units.station)

    def test_not_for_a_shift_that_is_over(self, put, cast, clock):
        with pytest.raises(Invalid):
            put(cast.officer, TODAY - timedelta(days=2))

    @pytest.mark.parametrize(
        ("who", "unit", "duty", "by"),
        [
            ("dispatcher", "reception", "desk", "duty_commander"),
            ("duty_commander", "reception", "leader", "system_admin"),
            ("bureau", "bureau", "leader", "bureau"),
            ("centre", "centre", "desk", "centre"),
            ("station_chief", "station", "leader", "station_command"),
        ],
    )
    def test_every_kind_of_unit_has_its_duties(self, put, cast, clock, who, unit, duty, by):
        put(getattr(cast, who), duty=duty, by=getattr(cast, by))
        on = selectors.on_roster(getattr(cast.units, unit).pk, duty, clock.at)
        assert [post.pk for post in on] == [getattr(cast, who).post.pk]

    @pytest.mark.parametrize("by", ["other_station_chief", "bureau", "duty_commander", "centre", "officer"])
    def test_nobody_else_changes_a_stations_roster(self, put, cast, by):
        with pytest.raises(NoRight):
            put(cast.officer, by=getattr(cast, by))

    def test_a_running_turn_ends_now_one_ahead_goes_one_over_stays(self, put, cast, clock):
        now, ahead = put(cast.officer), put(cast.second_officer, TODAY + timedelta(days=1))
        services.take_off_duty(now, actor=cast.station_chief, at=clock.at)
        services.take_off_duty(ahead, actor=cast.station_chief, at=clock.at)
        assert list(DutyRoster.objects.values_list("ends_at", flat=True)) == [clock.at]
        with pytest.raises(Conflict):
            services.take_off_duty(now, actor=cast.station_chief, at=clock.at)


class TestWeek:
    def test_gaps_count_from_now_on_once_there_is_a_roster(self, put, cast, clock):
        assert week(cast, clock)["gaps"] == 0
        put(cast.officer)
        # Wednesday night to Sunday night: nine shifts without a crew.
        assert week(cast, clock)["gaps"] == 9

    def test_who_is_away_while_on_duty_is_warned_of(self, put, cast, clock):
        put(cast.officer)
        services.note_absence(
            cast.units.station, post=cast.officer.post, starts_at=clock.at,
            ends_at=clock.at + timedelta(days=1), reason="病假", actor=cast.station_chief, at=clock.at,
        )  # fmt: skip
        assert week(cast, clock)["warnings"] == ["处警一 03-04 处警期间离岗（病假）"]

    def test_two_duties_at_once_are_warned_of(self, cast, clock):
        for duty in ("crew", "leader"):
            cast.roster(cast.officer, duty, clock.at, clock.at + timedelta(hours=2))
        assert week(cast, clock)["warnings"] == ["处警一 03-04 09:00 起处警与值班领导重叠"]

    def test_last_week_is_copied_once_and_what_cannot_stand_is_told(self, put, cast, clock):
        put(cast.officer)
        put(cast.second_officer, shift="night")
        following = TODAY + timedelta(days=7)
        put(cast.officer, following, duty="leader")
        copied = services.copy_week(
            cast.units.station, to_on=following, actor=cast.station_chief, at=clock.at
        )
        assert copied.made == 1
        assert "处警一" in copied.left_out[0]
        again = services.copy_week(cast.units.station, to_on=following, actor=cast.station_chief, at=clock.at)
        assert DutyRoster.objects.count() == 4
        assert again.made == 1

    def test_an_empty_week_is_not_copied(self, cast, clock):
        with pytest.raises(Invalid):
            services.copy_week(cast.units.station, to_on=TODAY, actor=cast.station_chief, at=clock.at)


class TestStandIns:
    def name(self, cast, clock, post, stand_in):
        return services.name_stand_in(
            cast.units.station, post=post.post, stand_in=stand_in.post if stand_in else None,
            actor=cast.station_chief, at=clock.at,
        )  # fmt: skip

    def test_named_and_taken_back(self, cast, clock):
        self.name(cast, clock, cast.community_officer, cast.second_officer)
        cast.community_officer.post.refresh_from_db()
        assert cast.community_officer.post.stand_in == cast.second_officer.post
        self.name(cast, clock, cast.community_officer, None)
        cast.community_officer.post.refresh_from_db()
        assert cast.community_officer.post.stand_in is None

    def test_a_circle_is_refused_with_its_way(self, cast, clock):
        self.name(cast, clock, cast.community_officer, cast.second_officer)
        self.name(cast, clock, cast.second_officer, cast.officer)
        cast.second_officer.post.refresh_from_db()
        with pytest.raises(Invalid) as refusal:
            self.name(cast, clock, cast.officer, cast.community_officer)
        assert "处警一→责任民→处警二→处警一" in refusal.value.fields["stand_in"][0]

    def test_nobody_from_elsewhere(self, cast, clock):
        with pytest.raises(Invalid):
            self.name(cast, clock, cast.community_officer, cast.other_community_officer)

    def test_back_earlier(self, cast, clock):
        absence = services.note_absence(
            cast.units.station, post=cast.officer.post, starts_at=clock.at - timedelta(hours=1),
            ends_at=clock.at + timedelta(days=3), reason="年休", actor=cast.station_chief, at=clock.at,
        )  # fmt: skip
        services.end_absence(absence, cast.units.station, actor=cast.station_chief, at=clock.at)
        assert selectors.is_there(cast.officer.post, clock.at)
        assert Absence.objects.get().ends_at == clock.at


class TestWhoLendsTheChiefsRights:
    @pytest.mark.parametrize(("by", "may"), [("station_command", False), ("officer", False)])
    def test_no_duty_leader_and_no_command_room_makes_somebody_else_leader(self, put, cast, clock, by, may):
        put(cast.officer, duty="leader")
        for who in (cast.officer, cast.second_officer):
            with pytest.raises(NoRight, match="由所领导"):
                put(who, TODAY + timedelta(days=7), duty="leader", by=getattr(cast, by))
        assert put(cast.station_chief, TODAY + timedelta(days=7), duty="leader", by=getattr(cast, by))
        assert put(cast.second_officer, TODAY + timedelta(days=8), by=getattr(cast, by))

    @pytest.mark.parametrize("by", ["station_chief", "system_admin"])
    def test_a_chief_or_the_administrator_does(self, put, cast, by):
        assert put(cast.officer, duty="leader", by=getattr(cast, by))

    def test_nor_names_who_stands_in_for_a_leader_at_any_remove(self, put, cast, clock):
        def name(post, stand_in, by):
            services.name_stand_in(
                cast.units.station, post=post.post, stand_in=stand_in.post, actor=by, at=clock.at
            )

        name(cast.officer, cast.second_officer, cast.station_command)
        put(cast.officer, duty="leader")
        for post in (cast.station_chief, cast.officer, cast.second_officer):
            with pytest.raises(NoRight):
                name(post, cast.station_command, cast.station_command)
        name(cast.second_officer, cast.station_command, cast.station_chief)

    def test_a_week_copied_by_the_command_room_tells_whom_it_left_out(self, put, cast, clock):
        put(cast.officer, duty="leader")
        put(cast.second_officer)
        copied = services.copy_week(
            cast.units.station, to_on=TODAY + timedelta(days=7), actor=cast.station_command, at=clock.at
        )
        assert copied.made == 1
        assert copied.left_out[0].startswith("处警一 03-11：由非所领导")


class TestPages:
    def test_a_turn_for_another_week_stays_in_that_week(self, cast, clock):
        client = cast.client(cast.station_chief)
        assert 'name="week" value="2026-03-16"' in client.get(f"{PAGE}?week=2026-03-18").content.decode()
        told = {
            "duty": "crew", "shift": "night", "day": "2026-03-18", "post": cast.officer.post.pk,
            "week": "2026-03-16",
        }  # fmt: skip
        assert client.post(f"{PAGE}turns/", told)["Location"].endswith("?week=2026-03-16")
        refused = client.post(f"{PAGE}turns/", {**told, "shift": "none"}).content.decode()
        assert "03-16 起一周" in refused
        assert 'name="week" value="2026-03-16"' in refused

    @pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
    def test_a_day_out_of_reach_is_refused_at_its_field_or_not_found(self, cast, clock, day):
        client = cast.client(cast.station_chief)
        assert "03-02 起一周" in client.get(f"{PAGE}?week={day}").content.decode()
        for path in (f"/sheet/{day}/", f"/handover/{day}/"):
            assert client.get(path).status_code == 404
        turn = {"duty": "crew", "shift": "night", "day": day, "post": cast.officer.post.pk}
        away = {"post": cast.officer.post.pk, "from_on": day, "until_on": day, "reason": "年休"}
        for path, told in (("turns/", turn), ("absences/", away), ("copy/", {"week": day})):
            assert client.post(f"{PAGE}{path}", told).status_code == 422
        assert "2099-12-31 之间的日期" in client.post(f"{PAGE}turns/", turn).content.decode()

    def test_a_turn_that_is_over_is_not_offered_to_be_taken_off(self, put, cast, clock):
        turn = put(cast.officer)
        client, way = cast.client(cast.station_chief), f"{PAGE}turns/{turn.pk}/end/"
        assert way in client.get(PAGE).content.decode()
        clock.advance(days=1)
        assert way not in client.get(PAGE).content.decode()

    def test_a_chief_fills_the_night(self, cast, clock):
        client = cast.client(cast.station_chief)
        told = {"duty": "crew", "shift": "night", "day": "2026-03-04", "post": cast.officer.post.pk}
        assert client.post(f"{PAGE}turns/", told).status_code == 302
        assert DutyRoster.objects.get().post == cast.officer.post
        refused = client.post(f"{PAGE}turns/", {**told, "duty": "leader"})
        assert refused.status_code == 422
        assert "请先撤下或改选他人" in refused.content.decode()
        assert client.post(f"{PAGE}turns/{DutyRoster.objects.get().pk}/end/").status_code == 302
        assert not DutyRoster.objects.exists()

    def test_stand_in_absence_and_copy(self, cast, clock):
        client, officer = cast.client(cast.station_command), cast.community_officer.post.pk
        told = {"post": officer, "stand_in": cast.second_officer.post.pk}
        assert client.post(f"{PAGE}stand-ins/", told).status_code == 302
        away = {"post": officer, "from_on": "2026-03-04", "until_on": "2026-03-06", "reason": "年休"}
        assert client.post(f"{PAGE}absences/", away).status_code == 302
        found = selectors.responsible_officers(cast.units.area.pk, clock.at)
        assert [post.pk for post in found] == [cast.second_officer.post.pk]
        assert client.post(f"{PAGE}absences/{Absence.objects.get().pk}/end/").status_code == 302
        assert client.post(f"{PAGE}copy/", {"week": "2026-03-02"}).status_code == 422

    def test_officers_read_and_change_nothing(self, cast, clock):
        client = cast.client(cast.officer)
        html = client.get(PAGE).content.decode()
        assert "当前在岗" in html
        assert "排入值班表" not in html
        assert client.post(f"{PAGE}copy/", {"week": "2026-03-02"}).status_code == 403

    @pytest.mark.parametrize(
        ("who", "status"),
        [("system_admin", 200), ("bureau", 200), ("community_officer", 200), ("other_station_chief", 404),
         ("duty_commander", 404), ("centre", 404), ("mediator", 403), (None, 302)],
    )  # fmt: skip
    def test_who_reads_it(self, cast, clock, who, status):
        assert cast.client(getattr(cast, who) if who else None).get(PAGE).status_code == status

    def test_the_administrator_goes_from_unit_to_unit(self, cast, clock):
        html = cast.client(cast.system_admin).get("/roster/").content.decode()
        for code in ("330784-XZ", "330784-110", "330784", "330784-XZ-ZZ"):
            assert f'href="/roster/{code}/' in html

    def test_a_bad_week_is_this_week(self, cast, clock):
        assert "03-02 起一周" in cast.client(cast.officer).get(f"{PAGE}?week=nonsense").content.decode()

    def test_queries_grow_with_neither_people_nor_turns(
        self, put, cast, clock, django_assert_max_num_queries
    ):
        client = cast.client(cast.station_chief)
        with django_assert_max_num_queries(26) as before:
            client.get(PAGE)
        for number in range(4):
            extra = cast.add(f"extra{number}", "officer", cast.units.station)
            put(extra, TODAY + timedelta(days=number))
        with django_assert_max_num_queries(len(before.captured_queries)):
            client.get(PAGE)

    def test_another_units_turn_is_not_found(self, put, cast, clock):
        turn = put(cast.officer)
        with pytest.raises(OutOfScope):
            roster_selectors.get_turn(cast.units.other_station, turn.pk)
