"""Words can be read: the palette keeps WCAG AA contrast, on the desk and on the dark wall."""

import re

import pytest
from django.conf import settings

APP_CSS = (settings.BASE_DIR / "dispute_hub/static/hub/app.css").read_text()


def palette(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r"\s*{(.*?)}", APP_CSS, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--hub-([\w-]+):\s*(#[0-9a-f]{6});", block.group(1)))


DESK = palette(":root")
WALL = {**DESK, **palette("body.hub-wall")}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT = [
    ("ink", "page"), ("ink", "surface"), ("ink", "sunken"), ("ink", "chrome-soft"), ("ink", "mark"),
    ("ink-soft", "page"), ("ink-soft", "surface"), ("ink-soft", "sunken"), ("ink-soft", "chrome-soft"),
    ("chrome", "surface"), ("chrome", "page"), ("chrome", "chrome-soft"), ("chrome-dark", "chrome-soft"),
    ("chrome-dark", "surface"), ("on-chrome", "chrome"), ("on-chrome", "chrome-dark"),
    ("solid-ink", "solid"),
    ("red-ink", "red-soft"), ("orange-ink", "orange-soft"),
    ("yellow-ink", "yellow-soft"), ("blue-ink", "blue-soft"),
]  # fmt: skip
EDGES = [("line-strong", "surface"), ("line-strong", "page"), ("focus", "surface"), ("focus", "page")]


@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_has_a_contrast_of_at_least_four_and_a_half(front: str, back: str) -> None:
    assert contrast(DESK[front], DESK[back]) >= 4.5
    assert contrast(WALL[front], WALL[back]) >= 4.5


@pytest.mark.parametrize(("front", "back"), EDGES)
def test_edges_of_controls_and_focus_have_a_contrast_of_at_least_three(front: str, back: str) -> None:
    assert contrast(DESK[front], DESK[back]) >= 3
    assert contrast(WALL[front], WALL[back]) >= 3


def test_soft_words_on_the_top_bar_can_be_read() -> None:
    assert contrast(DESK["on-chrome-soft"], DESK["chrome-dark"]) >= 4.5
    assert contrast(DESK["on-chrome-soft"], DESK["chrome"]) >= 4.5


@pytest.mark.parametrize(
    ("name", "colour"),
    [("red", "#c8102e"), ("orange", "#d9640b"), ("yellow", "#8a6d00"), ("blue", "#1f5fae")],
)
def test_the_risk_colours_are_those_agreed(name: str, colour: str) -> None:
    assert DESK[name] == colour


def test_chrome_wears_no_risk_colour() -> None:
    assert DESK["chrome"] == "#1d4f91"
    assert not {DESK[name] for name in ("red", "orange", "yellow", "blue")} & {DESK["chrome"], DESK["solid"]}
