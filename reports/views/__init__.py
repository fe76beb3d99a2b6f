"""Pages of the reports."""

from reports.views._board import board, board_rows, board_wall
from reports.views._cases import case_file, case_list, reveal
from reports.views._workbench import workbench

__all__ = ["board", "board_rows", "board_wall", "case_file", "case_list", "reveal", "workbench"]
