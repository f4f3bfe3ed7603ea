# The door of the room: when models end and what that means today. The table of dates, its file, words, and the pace.
# Owns: the names that other rooms use. Refuses to know: everything else, see table.py.
"""The lifecycle of models."""

from drift.lifecycle.readings import COLUMNS, LISTED, Kind, Reading, cells, read_table, write_table
from drift.lifecycle.table import Lifecycle, State, Status, notice_days

__all__ = [
    "COLUMNS",
    "LISTED",
    "Kind",
    "Lifecycle",
    "Reading",
    "State",
    "Status",
    "cells",
    "notice_days",
    "read_table",
    "write_table",
]
