# An archive in, its surface out.
# Owns: which reader reads which SDK, what of the types is kept. Refuses to know: where archives come from.
"""Read the surface of an SDK release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drift.collector import without_collector
from drift.errors import UsageError
from drift.surface import genai, speakeasy, stainless, vocabulary
from drift.surface.annotations import Types
from drift.surface.archive import Release, read_archive
from drift.surface.client import find_client, read_client
from drift.surface.document import EXTRACTOR_VERSION, SURFACE_VERSION, ClientFacts, Endpoints, Surface
from drift.surface.modules import Definition, Package


def read_surface(path: Path) -> Surface:
    """Read what a wheel or sdist of an SDK exposes. Nothing of it is imported, run or written to disk.

    Raises:
        UsageError: the archive is hostile, broken, or no SDK whose manner is known.
    """
    release = read_archive(path)
    with without_collector():
        try:
            return _surface(release)
        except RecursionError:
            raise UsageError(
                f"{release.name} {release.version} is not read: its source is nested too deeply",
                "see that the archive is sound",
            ) from None


def _surface(release: Release) -> Surface:
    package = Package(release)
    types = Types(package)
    client = find_client(package)
    endpoints = _endpoints(package, types, client)
    if not endpoints:
        raise UsageError(
            f"{release.name} {release.version} holds no endpoint in a manner that is known",
            "drift reads the Python SDKs anthropic, openai, google-genai and llama-api-client, and their like",
        )
    surface: Surface = {
        "surface": SURFACE_VERSION,
        "extractor": EXTRACTOR_VERSION,
        "package": {
            "name": release.name,
            "version": release.version,
            "kind": release.kind,
            "sha256": release.sha256,
            "released": release.released,
            "requires_python": release.requires_python,
            "requires": list(release.requires),
            "extras": sorted(release.extras),
            "files": len(release.modules),
        },
        "client": _client(package, client),
        "endpoints": {key: endpoints[key] for key in sorted(endpoints)},
        "events": vocabulary.read_events(package, types),
        "errors": vocabulary.read_errors(package, types),
        "betas": vocabulary.read_betas(types, endpoints),
        "models": vocabulary.read_models(package, types, endpoints),
        "definitions": {},
        "unresolved": dict(sorted(types.unresolved.items())),
    }
    surface["definitions"] = _reachable(types, surface)
    return surface


def _client(package: Package, client: Definition | None) -> ClientFacts:
    found = read_client(package, client)
    if any(genai.MARK in source for source in package.names.values()):
        found.update(genai.read_client(package))  # type: ignore[typeddict-item]
    return found


def _endpoints(package: Package, types: Types, client: Definition | None) -> Endpoints:
    """Read in every manner that the package shows signs of: one wheel may come from several generators."""
    found = stainless.read_endpoints(package, types, client)
    for manner in (genai, speakeasy):
        if any(manner.MARK in source for source in package.names.values()):
            for endpoint, tiers in manner.read_endpoints(package, types).items():
                known = found.setdefault(endpoint, {})
                for tier, methods in tiers.items():
                    known.setdefault(tier, {}).update(methods)
    return found


def _reachable(types: Types, surface: Surface) -> dict[str, Any]:
    """Return the definitions that the surface refers to, directly or not."""
    waiting: list[Any] = [surface["endpoints"], surface["events"]]
    found: dict[str, Any] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            key = value.get("ref")
            if isinstance(key, str) and key not in found:
                found[key] = types.definitions[key]
                waiting.append(found[key])
            waiting += [child for child in value.values() if isinstance(child, dict | list)]
        elif isinstance(value, list):
            waiting += [child for child in value if isinstance(child, dict | list)]
    return {key: found[key] for key in sorted(found)}
