"""Rarer things of the world: a crew that asks for help, who steps aside, an emergency."""

from __future__ import annotations

from typing import Any

from routing import selectors, services
from routing.models import LostContact, WorkOrder


def crews(world: Any, markup: str) -> None:
    """A crew the command room signed for, which asks for reinforcement."""
    cast, at = world.cast, world.at
    push = selectors.first_push_of(world.call("helped"))
    assert push is not None
    services.sign_push(push, actor=cast.station_command, at=at, on_behalf_of="330001", how="radio")
    world.id["record"] = push.on_behalf_records.get().pk
    row = services.ask_reinforcement(push, officers_needed=2, text=markup, actor=cast.officer, at=at)
    world.id["reinforcement"] = row.pk


def stepping_aside(world: Any, markup: str) -> None:
    cast, at, case = world.cast, world.at, world.reported("aside")
    told = services.declare_recusal(
        case, user=cast.officer.user, why="kin", text=f"与当事人系亲属{markup}", actor=cast.officer, at=at
    )
    dispute = services.raise_jurisdiction(
        case, proposed=cast.units.other_station, text=f"事发地在古山{markup}", actor=cast.station_command,
        at=at,
    )  # fmt: skip
    world.id |= {"recusal": told.pk, "dispute": dispute.pk}


def emergency(world: Any, markup: str) -> None:
    cast = world.cast
    world.call("crowd", "四十余名工人聚集在工地大门口讨要工资。")
    command = services.Command(
        commander=cast.station_chief.post, people=42, instruction=f"请到现场报到{markup}",
        lead_unit=cast.units.department,
    )  # fmt: skip
    row = services.begin_emergency(world.case["crowd"], command, actor=cast.duty_commander, at=world.at)
    world.id["emergency"] = row.pk


def assisting(world: Any, markup: str) -> None:
    """A party of the red case is at home in the other territory."""
    cast, case = world.cast, world.case["red"]
    row = services.ask_assistance(
        case, party=case.parties.earliest("id"), station=cast.units.other_station, home="residence",
        text=f"请上门了解近况{markup}", actor=cast.station_command, at=world.at,
    )  # fmt: skip
    world.id["assist"] = row.pk


def lost_contact(world: Any, markup: str) -> None:
    """Somebody the station could not reach at 核查."""
    cast, at, order = world.cast, world.at, WorkOrder.objects.get(no=world.no["to_verify"])
    services.record_try(
        order, side=1, mode="phone", said=f"无人接听{markup}", actor=cast.community_officer, at=at
    )
    row = LostContact.objects.create(
        order=order, text=f"多次联系不上{markup}", proposer=cast.community_officer.post,
        proposer_user=cast.community_officer.user, proposed_at=at,
    )  # fmt: skip
    world.id["lost"] = row.pk
