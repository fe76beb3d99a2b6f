"""Questions across the stages: lists, the case file, what to do now, the board."""

from reports.selectors._actions import Action, actions_for
from reports.selectors._board import Board, Figure, as_answer, board, change_of, compared, shown_days
from reports.selectors._case_file import (
    TOPICS,
    CaseFilePage,
    case_file,
    order_in_sight,
    timeline_of,
    topic_tabs,
)
from reports.selectors._cases import CaseFilter, case_page, items_to_choose, stations_to_choose
from reports.selectors._live import LiveBoard, LiveRow, live_board, unsigned_reds
from reports.selectors._reach import is_order_side, is_outside
from reports.selectors._rows import listing, rows_of
from reports.selectors._territory import Territory, territory_of
from reports.selectors._worklist import Worklist, WorkRow, grouped, worklist

__all__ = [
    "TOPICS",
    "Action",
    "Board",
    "CaseFilePage",
    "CaseFilter",
    "Figure",
    "LiveBoard",
    "LiveRow",
    "Territory",
    "WorkRow",
    "Worklist",
    "actions_for",
    "as_answer",
    "board",
    "case_file",
    "case_page",
    "change_of",
    "compared",
    "grouped",
    "is_order_side",
    "is_outside",
    "items_to_choose",
    "listing",
    "live_board",
    "order_in_sight",
    "rows_of",
    "shown_days",
    "stations_to_choose",
    "territory_of",
    "timeline_of",
    "topic_tabs",
    "unsigned_reds",
    "worklist",
]
