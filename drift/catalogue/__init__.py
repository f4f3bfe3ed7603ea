# The door of the room: a vendor's list of models, taken at a time, read and compared.
# Owns: the comparison document of two lists. Refuses to know: how a list is asked for (see taking.py), the store.
"""Catalogues: what a vendor or a host says about its own models."""

from __future__ import annotations

from collections.abc import Collection

from drift.catalogue.facts import find_facts
from drift.catalogue.reading import Catalogue, Listed, read_catalogue
from drift.compare import Policy
from drift.compare.declared import compare_declared, declared_side
from drift.documents import ComparisonDocument, NotClearedDocument, SideDocument
from drift.errors import UsageError
from drift.lifecycle.status import LEAD_DAYS

__all__ = ["Catalogue", "Listed", "compare_catalogues", "name_of", "read_catalogue"]

_PARTS = ("models", "lifecycle", "limits", "capabilities", "prices")


def name_of(catalogue: Catalogue) -> str:
    """Return what users call a list: "anthropic 2026-11-26 06:15"."""
    return f"{catalogue['platform']} {catalogue['taken_at'][:16].replace('T', ' ')}"


def compare_catalogues(
    baseline: Catalogue,
    candidate: Catalogue,
    policy: Policy | None = None,
    *,
    asked: Collection[str] = (),
    lead_days: int = LEAD_DAYS,
) -> ComparisonDocument:
    """Compare two lists of one host.

    Args:
        baseline: the older list.
        candidate: the newer one.
        policy: gate, profile, levels, acknowledgements.
        asked: ids that somebody relies on; the disappearance of others is a warning. Empty: nobody knows who does.
        lead_days: days before an end within which a move should have begun.

    Raises:
        UsageError: the lists are of different hosts.
    """
    hosts = [(side["platform"], side["base_url"]) for side in (baseline, candidate)]
    if hosts[0] != hosts[1]:
        names = [" at ".join(filter(None, host)) for host in hosts]
        raise UsageError(
            f"{names[0]} and {names[1]} are different hosts", "compare two lists of one: `drift models list`"
        )
    cut = [side for side in (baseline, candidate) if not side["complete"]]
    return compare_declared(
        _side(baseline),
        _side(candidate),
        find_facts(baseline, candidate, asked=asked, lead_days=lead_days),
        axes=[],
        policy=policy,
        channels=[{"channel": part, "ok": True, "reason": None, "affected_samples": 0} for part in _PARTS],
        unmeasured=[
            {"family": "models", "reason": f"the list of {name_of(side)} is not complete"} for side in cut
        ],
        not_cleared=[
            {"channel": "behaviour", "why": "a list says what a model is called, not what it answers"},
            *_silent(baseline, candidate),
        ],
    )


def _silent(baseline: Catalogue, candidate: Catalogue) -> list[NotClearedDocument]:
    """Name what a list does not speak of: its silence there clears nothing."""
    said = {
        name for side in (baseline, candidate) for entry in side["models"].values() for name in _spoken(entry)
    }
    words = {
        "lifecycle": "dates",
        "limits": "token limits",
        "capabilities": "capabilities",
        "prices": "prices",
    }
    return [
        {"channel": part, "why": f"neither list gives any {word}"}
        for part, word in words.items()
        if part not in said
    ]


def _spoken(entry: Listed) -> list[str]:
    dated = entry["lifecycle"] or entry["retires_on"]
    parts = {
        "lifecycle": dated,
        "limits": entry["limits"],
        "capabilities": entry["capabilities"],
        "prices": entry["price"],
    }
    return [name for name, value in parts.items() if value]


def _side(catalogue: Catalogue) -> SideDocument:
    host = f" at {catalogue['base_url']}" if catalogue["base_url"] else ""
    return declared_side(
        "catalogue",
        name_of(catalogue),
        f"models/{catalogue['platform']}{host}",
        platform=catalogue["platform"],
        api_version=catalogue["api_version"],
    )
