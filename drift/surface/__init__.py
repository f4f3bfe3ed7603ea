# The door of the room: read the surface of an SDK release, compare two.
# Owns: the comparison document of two surfaces. Refuses to know: where archives come from, the store.
"""API surfaces from SDK releases."""

from __future__ import annotations

from drift.compare import Policy
from drift.compare.declared import compare_declared, declared_side
from drift.documents import ComparisonDocument, SideDocument
from drift.errors import UsageError
from drift.surface.document import Surface
from drift.surface.facts import find_facts
from drift.surface.reading import read_surface

__all__ = ["Surface", "compare_surfaces", "name_of", "read_surface"]

_PARTS = ("endpoints", "parameters", "types", "events", "errors", "client", "package", "models", "betas")


def name_of(surface: Surface) -> str:
    """Return what users call a surface: "anthropic 1.8.0"."""
    return f"{surface['package']['name']} {surface['package']['version']}"


def compare_surfaces(
    baseline: Surface, candidate: Surface, policy: Policy | None = None
) -> ComparisonDocument:
    """Compare the surfaces of two releases of one SDK.

    Raises:
        UsageError: they are of different SDKs.
    """
    names = [side["package"]["name"] for side in (baseline, candidate)]
    if names[0] != names[1]:
        raise UsageError(f"{names[0]} and {names[1]} are different SDKs", "compare two releases of one")
    unread = [
        f"{sum(side['unresolved'].values())} annotations of {name_of(side)} were not understood: what stands there"
        " is not compared"
        for side in (baseline, candidate)
        if side["unresolved"]
    ]
    runtime = sorted(
        endpoint
        for endpoint, tiers in candidate["endpoints"].items()
        if any(method["runtime_path"] for methods in tiers.values() for method in methods.values())
    )
    guessed = (
        [f"the path of {', '.join(runtime)} is known to the server alone and was guessed"] if runtime else []
    )
    return compare_declared(
        _side(baseline),
        _side(candidate),
        find_facts(baseline, candidate),
        axes=[] if baseline["package"]["sha256"] == candidate["package"]["sha256"] else ["sdk"],
        policy=policy,
        channels=[{"channel": part, "ok": True, "reason": None, "affected_samples": 0} for part in _PARTS],
        not_cleared=[
            {"channel": "behaviour", "why": "a surface says what may be called, not what comes back"},
            {"channel": "server", "why": "the API may change without a release of the SDK"},
        ],
        notices=[*unread, *guessed],
    )


def _side(surface: Surface) -> SideDocument:
    versions = sorted(set(surface["client"]["api_versions"].values()))
    return declared_side(
        "surface",
        name_of(surface),
        f"sdk/{surface['package']['name']}",
        platform="pypi",
        sdk=name_of(surface),
        api_version=versions[0] if len(versions) == 1 else None,
    )
