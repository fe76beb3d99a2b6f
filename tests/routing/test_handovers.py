"""交接班单: item by item, two people, a reminder while unsigned, whose a clock around the change is."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases.models import Deadline
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from routing import selectors, services
from routing.models import Push, ShiftHandover
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_pushes import notices

MORNING = date(2026, 3, 5)
PAGE = "/handover/2026-03-05/"


@pytest.fixture
def morning(handle, call, clock):
    """A red one held for the night, one crew without feedback, and it is 08:30."""
    clock.set("2026-03-05T02:00:00+08:00")
    handle(KNIFE)
    call(CALM, address="象珠镇前村5号", reporter=None, parties=())
    clock.set("2026-03-05T08:30:00+08:00")


@pytest.fixture
def sign(cast, clock):
    def run(actor, *, taken=(), note=""):
        station = cast.units.station
        return services.sign_handover(station, note=note, actor=actor, at=clock.at, taken=taken)

    return run


class TestSigning:
    def test_items_are_written_down_and_taken_over_one_by_one(self, morning, sign, cast):
        out = sign(cast.officer, note="一人在所")
        assert [item["kind"] for item in out.items] == ["unsigned", "night", "watch"]
        with pytest.raises(Invalid) as refusal:
            sign(cast.second_officer, taken=[1])
        assert refusal.value.fields == {"item": ["第 2、3 项尚未勾选。"]}
        done = sign(cast.second_officer, taken=[1, 2, 3])
        assert (done.outgoing_post, done.incoming_post) == (cast.officer.post, cast.second_officer.post)

    def test_one_person_never_signs_for_both_sides(self, morning, sign, cast):
        sign(cast.officer)
        with pytest.raises(NoRight):
            sign(cast.officer, taken=[1, 2, 3])
        with pytest.raises(NoRight):
            sign(cast.add_post(cast.officer, "station_command", cast.units.station), taken=[1, 2, 3])

    def test_the_database_says_so_too(self, morning, sign, cast, clock):
        row = sign(cast.officer)
        second = cast.add_post(cast.officer, "station_command", cast.units.station)
        with pytest.raises(IntegrityError), transaction.atomic():
            ShiftHandover.objects.filter(pk=row.pk).update(
                incoming_post=second.post, incoming_user=second.user, incoming_signed_at=clock.at
            )

    def test_signed_by_both_it_is_over(self, morning, sign, cast):
        sign(cast.officer)
        sign(cast.second_officer, taken=[1, 2, 3])
        with pytest.raises(Conflict):
            sign(cast.station_command, taken=[1, 2, 3])

    @pytest.mark.parametrize(("instant", "opens"), [("07:59:59", False), ("08:00:00", True)])
    def test_not_before_eight(self, sign, cast, clock, instant, opens):
        clock.set(f"2026-03-05T{instant}+08:00")
        if opens:
            assert sign(cast.officer).outgoing_signed_at == clock.at
        else:
            with pytest.raises(Conflict):
                sign(cast.officer)

    def test_what_happens_later_does_not_change_what_was_signed(self, morning, sign, call, cast, clock):
        items = sign(cast.officer).items
        clock.advance(minutes=1)
        call(CALM, address="象珠镇晨村1号", reporter=None, parties=())
        page = selectors.handover_page(cast.station_chief, MORNING, at=clock.at)
        assert [item["text"] for item in page["items"]] == [item["text"] for item in items]


class TestPeopleAtTheStation:
    def sitting(self, cast):
        items = selectors.items_of(cast.units.station.pk, shift_on=MORNING)
        return [item.case_no for item in items if item.kind == "at_station"]

    def test_they_stand_on_it_until_somebody_has_spoken_with_them(self, handle, cast, clock):
        case = handle(CALM, "brought_in")
        assert self.sitting(cast) == [case.case_no]
        push = Push.objects.get(case=case, tier=2)
        services.sign_push(push, actor=cast.community_officer, at=clock.at)
        assert self.sitting(cast) == [case.case_no]
        services.record_contact(
            case, mode="office", text="双方已谈", actor=cast.community_officer, at=clock.at
        )
        assert self.sitting(cast) == []

    def test_also_when_the_case_was_open_and_they_were_brought_in_later(self, handle, cast, clock):
        case = handle(CALM)
        services.record_contact(case, mode="phone", text="已联系", actor=cast.community_officer, at=clock.at)
        assert self.sitting(cast) == []
        clock.advance(hours=2)
        assert handle(CALM, "brought_in") == case
        assert self.sitting(cast) == [case.case_no]


# when it started, when it ends → who held it at 80 %
AROUND = [
    ("2026-03-05T06:10:00+08:00", "2026-03-05T08:10:00+08:00", "outgoing"),  # 07:46
    ("2026-03-05T08:00:00+08:00", "2026-03-05T08:40:00+08:00", "incoming"),  # 08:32
    ("2026-03-05T06:30:00+08:00", "2026-03-05T09:00:00+08:00", "incoming"),  # 08:30
    ("2026-03-05T06:29:00+08:00", "2026-03-05T09:00:00+08:00", "outgoing"),  # 08:29:48
]


class TestClocksAroundTheChange:
    @pytest.mark.parametrize(("starts", "ends", "side"), AROUND)
    def test_it_belongs_to_who_held_it_at_80_percent(self, starts, ends, side):
        clock = Deadline(starts_at=time.parse_instant(starts), due_at=time.parse_instant(ends))
        assert selectors.answers_for(clock) == side

    def test_the_hand_over_says_so(self, call, sign, cast, clock):
        clock.set("2026-03-05T08:00:00+08:00")
        call(CALM)
        clock.set("2026-03-05T08:20:00+08:00")
        row = sign(cast.officer)
        (item,) = [item for item in row.items if item["kind"] == "clock"]
        assert item["side"] == "outgoing"
        assert item["text"] == "一推签收时限 08:30 到期，由交班方负责（80%时点 08:24）"


class TestReminding:
    def remind(self, clock):
        return services.remind_of_handovers(actor=SYSTEM, at=clock.at)

    @pytest.mark.parametrize(("instant", "stations"), [("08:44:59", 0), ("08:45:00", 2)])
    def test_from_a_quarter_to_nine_once(self, cast, clock, instant, stations):
        clock.set(f"2026-03-05T{instant}+08:00")
        assert self.remind(clock) == stations
        assert self.remind(clock) == 0

    def test_both_sides_by_the_roster_and_the_chief(self, morning, cast, clock):
        change = clock.at
        cast.roster(cast.officer, "leader", change - timedelta(hours=12), change)
        cast.roster(cast.second_officer, "leader", change, change + timedelta(hours=12))
        clock.advance(minutes=15)
        self.remind(clock)
        told = notices(kind="handover.unsigned", unit_id=cast.units.station.pk)
        assert [row["role"] for row in told] == ["station_chief"]
        posts = {row["post_id"] for row in notices(kind="handover.unsigned")} - {None}
        assert posts == {cast.officer.post.pk, cast.second_officer.post.pk}

    def test_without_a_roster_the_command_room_and_the_chief(self, morning, cast, clock):
        clock.advance(minutes=15)
        self.remind(clock)
        told = notices(kind="handover.unsigned", unit_id=cast.units.station.pk)
        assert sorted(row["role"] for row in told) == ["station_chief", "station_command"]

    def test_who_has_signed_is_not_reminded(self, morning, sign, cast, clock):
        sign(cast.officer)
        sign(cast.second_officer, taken=[1, 2, 3])
        clock.advance(minutes=15)
        assert self.remind(clock) == 1  # the other station
        assert not notices(kind="handover.unsigned", unit_id=cast.units.station.pk)


class TestPages:
    def test_from_items_to_both_signatures(self, morning, cast):
        out, taker = cast.client(cast.officer), cast.client(cast.station_command)
        assert "签字交班" in out.get("/handover/").content.decode()
        assert out.post("/handover/sign/", {"note": "一人在所"}).status_code == 302
        assert "签字" not in re_button(out.get(PAGE).content.decode())
        refused = taker.post("/handover/sign/", {"item": ["1"]})
        assert refused.status_code == 422
        assert "第 2、3 项尚未勾选" in refused.content.decode()
        assert taker.post("/handover/sign/", {"item": ["1", "2", "3"]}).status_code == 302
        html = taker.get(PAGE).content.decode()
        assert "双方已签" in html
        assert "一人在所" in html

    def test_before_eight_nothing_is_offered_to_sign(self, morning, cast, clock):
        clock.set("2026-03-05T07:30:00+08:00")
        html = cast.client(cast.officer).get("/handover/").content.decode()
        assert "自 08:00 起签字" in html
        assert "签字交班" not in html

    def test_with_nothing_open_both_sign_at_once(self, cast, clock):
        out, taker = cast.client(cast.officer), cast.client(cast.second_officer)
        html = out.get("/handover/").content.decode()
        assert "没有待交接事项" in html and "双方可直接签字" in html
        for client in (out, taker):
            assert client.post("/handover/sign/", {}).status_code == 302
        assert "双方已签" in taker.get("/handover/").content.decode()

    def test_it_prints_on_a4_landscape_on_any_later_day(self, morning, sign, cast, clock):
        sign(cast.officer)
        clock.set("2026-05-05T08:30:00+08:00")
        html = cast.client(cast.station_chief).get(f"{PAGE}print/").content.decode()
        assert "hub-landscape" in html
        assert "夜间代管" in html

    def test_queries_do_not_grow_with_the_items(self, morning, call, cast, clock, django_assert_num_queries):
        client = cast.client(cast.station_chief)
        with django_assert_num_queries(9):
            client.get("/handover/")
        for number in range(4):
            call(KNIFE, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(9):
            client.get("/handover/")

    @pytest.mark.parametrize(
        ("who", "read", "signs"),
        [("officer", 200, 302), ("station_command", 200, 302), ("station_chief", 200, 302),
         ("other_officer", 200, 302), ("community_officer", 403, 403), ("centre", 403, 403),
         ("bureau", 403, 403), (None, 302, 302)],
    )  # fmt: skip
    def test_who_may_do_what(self, morning, cast, who, read, signs):
        client = cast.client(getattr(cast, who) if who else None)
        assert client.get(PAGE).status_code == read
        assert client.post("/handover/sign/", {}).status_code == signs
        assert not ShiftHandover.objects.filter(
            station=cast.units.station, outgoing_post__unit=cast.units.other_station
        ).exists()

    def test_the_night_is_shown_and_ended_from_the_ledger(self, morning, cast):
        client = cast.client(cast.community_officer)
        case_no = Push.objects.get(tier=2, night_since_at__isnull=False).case.case_no
        html = client.get(f"/tracking/{case_no}/").content.decode()
        assert "夜间由值班警组代管" in html
        assert client.post(f"/tracking/{case_no}/take-over/").status_code == 303
        assert "夜间由值班警组代管</strong>" not in client.get(f"/tracking/{case_no}/").content.decode()


def re_button(html):
    """What the page's main button says."""
    return "".join(part.split("</button>")[0] for part in html.split('btn-primary" type="submit">')[1:])
