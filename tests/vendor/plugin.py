# The stand-in as a fixture.
# Owns: its lifetime in a test. Refuses to know: what is tested.
"""pytest plugin: `pytest_plugins = ["tests.vendor.plugin"]`, or import the fixture."""

from collections.abc import Iterator

import pytest

from tests.vendor.server import Vendor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A vendor of its own for each test."""
    with Vendor() as running:
        yield running
