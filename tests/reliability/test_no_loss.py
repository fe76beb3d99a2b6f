"""R1, R6: whatever is killed, no acknowledged alert and no push is lost, each has one effect."""

from __future__ import annotations

import time as node
from types import SimpleNamespace

import pytest

from dispute_hub.common.failpoints import POINTS
from tests.reliability import judging, profile
from tests.reliability.load import Load
from tests.reliability.stage import VICTIMS, Stage

pytestmark = [pytest.mark.reliability, pytest.mark.slow]
CUT_EVERY = 10  # the receiver drops every tenth connection after it has read the message
FIRES_WITHIN = 45.0
# Redeliveries that no cut and no kill explains, of all sends (R6).
UNEXPLAINED = 0.02


def tormented(
    scene: SimpleNamespace, kills: int, *, rest: float = judging.QUIET_WITHIN
) -> tuple[list[str], list[str]]:
    """Load, so many kills, rest; what was killed and what the judge found."""
    chance = profile.schedule()
    scene.platform.switches = type(scene.platform.switches)(cut_every=CUT_EVERY)
    load = Load(scene.stage.url, scene.ledger, scene.cast.units.bureau.pk).start()
    killed = []
    for victim in chance.choices([*VICTIMS], [*VICTIMS.values()], k=kills):
        node.sleep(chance.uniform(0.5, 2.5))
        killed.append(scene.stage.kill(victim, chance))
    node.sleep(2)
    load.stop()
    judging.quiesce(scene.stage, within=rest)
    return killed, judging.findings(scene.ledger, scene.platform)


def test_random_kills(scene, hardness, figure) -> None:
    killed, found = tormented(scene, hardness.kills)
    sends, calls = judging.sends(scene.platform), scene.ledger.counts()
    cuts = sends.deliveries // CUT_EVERY
    unexplained = max(0, sends.repeats - cuts - len(killed)) / max(1, sends.deliveries)
    figure("R1", f"alerts and messages lost or doubled ({calls['acked']} acked)", len(found), "0")
    figure("R6", f"lost or doubled at the receiver ({sends.messages} messages)", len(found), "0")
    figure("R6", "honest statistics", profile.at_most(len(found), len(killed)), "≤ 3/N")
    figure("R6", f"redeliveries: {sends.repeats}, of {sends.deliveries} sends", f"{unexplained:.1%}", "≤ 2 %")
    assert found == []
    assert unexplained <= UNEXPLAINED


def test_killed_at_every_named_line(scene, hardness, figure) -> None:
    load = Load(scene.stage.url, scene.ledger, scene.cast.units.bureau.pk, pause=0.2).start()
    fired = [point for point in POINTS * hardness.failpoint_repeats if _kill_at(scene.stage, point)]
    load.stop()
    judging.quiesce(scene.stage)
    found = judging.findings(scene.ledger, scene.platform)
    figure(
        "R6", f"{len(POINTS)} failpoints × {hardness.failpoint_repeats}", f"{len(found)} lost or doubled", "0"
    )
    assert len(fired) == len(POINTS) * hardness.failpoint_repeats, fired
    assert found == []


def _kill_at(stage: Stage, point: str) -> bool:
    """Whether a process came by and ended there. Places and leases of the one before have lapsed."""
    stage.advance(judging.LAPSES_AFTER)
    stage.arm(point)
    until = node.monotonic() + FIRES_WITHIN
    while not stage.has_fired() and node.monotonic() < until:
        node.sleep(0.1)
    return stage.has_fired()


@pytest.mark.sabotage
@pytest.mark.parametrize("scene", ["nudges_only", "new_id_each_try"], indirect=True)
def test_r6_turns_red(scene) -> None:
    _, found = tormented(scene, 4, rest=30)
    assert found != []


@pytest.mark.sabotage
@pytest.mark.parametrize("scene", ["early_answer"], indirect=True)
def test_r1_turns_red(scene) -> None:
    load = Load(scene.stage.url, scene.ledger, scene.cast.units.bureau.pk, pause=0.05).start(messages=0)
    for _ in range(4):
        node.sleep(2)
        scene.stage.hold("web")
        scene.stage.let_go("web")
        scene.stage.await_web()
    load.stop()
    judging.quiesce(scene.stage)
    assert [line for line in judging.findings(scene.ledger, scene.platform) if "no such alert" in line]
