# Python's garbage collector kept still where it only costs time.
# Owns: that switch. Refuses to know: what is made meanwhile.
"""Pause the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the collector still while millions of values without a cycle are made.

    It would walk all that were made so far again and again, and find nothing: a fifth of the time of a comparison.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
