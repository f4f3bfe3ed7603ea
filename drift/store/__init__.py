# The store room: what a model said, kept for ever in one SQLite file.
# Owns: the names that other rooms use. Refuses to know: everything else, see database.py.
"""The database of runs and samples."""

from drift.store.database import Store

__all__ = ["Store"]
