# The vendor stand-in: one real HTTP server on loopback that speaks the vendors' wire formats as documented.
# Owns: its public names. Refuses to know: Drift, except for the table of documented events, which is its script.
"""A vendor that needs no account. `python -m tests.vendor` runs it by hand; the fixture `vendor` runs it in tests."""

from tests.vendor.server import Vendor
from tests.vendor.switches import Fault, Received, Switches, find_event

__all__ = ["Fault", "Received", "Switches", "Vendor", "find_event"]
