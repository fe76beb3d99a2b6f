"""Pages of the reports."""

from reports.views._board import board, board_rows, board_wall
from reports.views._cases import case_file, case_list, reveal
from reports.views._live import live_board, live_rows, live_wall
from reports.views._workbench import workbench

__all__ = [
    "board",
    "board_rows",
    "board_wall",
    "case_file",
    "case_list",
    "live_board",
    "live_rows",
    "live_wall",
    "reveal",
    "workbench",
]
