# An empty store as a fixture.
# Owns: its lifetime in a test. Refuses to know: what is stored.
"""pytest plugin: `pytest_plugins = ["tests.store_fixtures"]`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drift.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database of its own for each test, at `drift.db` of its folder."""
    with Store.open(tmp_path / "drift.db") as opened:
        yield opened
