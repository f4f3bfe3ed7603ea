# What the next release of a pinned SDK brings, from surfaces that are stored.
# Owns: which two releases are compared. Refuses to know: how surfaces are read or compared, formats.
"""SDK jumps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from drift.model import JSON
from drift.scan.pins import SdkPin
from drift.store import Store
from drift.store.surfaces import StoredSurface
from drift.surface import Surface, compare_surfaces

_MOST_FACTS = 5


def upgrades(store: Store | None, pins: Iterable[SdkPin]) -> list[dict[str, JSON]]:
    """Return one entry for each SDK that is pinned to one version: what its newest stored release brings.

    A lock file counts before a manifest, because it says what is installed.
    """
    chosen: dict[tuple[str, str], SdkPin] = {}
    for pin in sorted(pins, key=lambda one: not one.is_locked):
        known = chosen.get((pin.ecosystem, pin.package))
        if known is None or (known.version is None and pin.version is not None):
            chosen[pin.ecosystem, pin.package] = pin
    return [_upgrade(store, pin) for _, pin in sorted(chosen.items())]


def _upgrade(store: Store | None, pin: SdkPin) -> dict[str, JSON]:
    entry: dict[str, JSON] = {
        "ecosystem": pin.ecosystem,
        "package": pin.package,
        "vendor": pin.vendor,
        "requirement": pin.requirement,
        "version": pin.version,
        "api_version": pin.api_version,
        "file": pin.file,
        "line": pin.line,
        "newest": None,
        "released": None,
        "verdict": None,
        "counts": None,
        "facts": [],
        "missing": None,
    }
    if pin.ecosystem != "pypi":
        return {**entry, "missing": "surfaces are read from Python releases alone"}
    stored = store.surfaces(pin.package) if store is not None else []
    wanted = f"{pin.package}=={pin.version}" if pin.version else pin.package
    if pin.version is None:
        return {**entry, "missing": "no single version is pinned: a lock file says which one is installed"}
    old = next((one for one in stored if one.version == pin.version), None)
    new = stored[-1] if stored else None
    if old is None or new is None:
        return {**entry, "missing": f"drift api snapshot {wanted} {pin.package}"}
    newest = {"newest": new.version, "released": new.released}
    if new.version == old.version:
        return {**entry, **newest, "missing": f"nothing newer is stored: drift api snapshot {pin.package}"}
    return {**entry, **newest, **_compared(cast("Store", store), old, new)}


def _compared(store: Store, old: StoredSurface, new: StoredSurface) -> dict[str, JSON]:
    first, second = (store.surface(one.sha256, one.extractor) for one in (old, new))
    if old.extractor != new.extractor or first is None or second is None:
        return {"missing": "the two were read by different versions of drift: take both again"}
    document = compare_surfaces(cast("Surface", first), cast("Surface", second))
    order = ("breaking", "warning", "info")
    findings = sorted(document["findings"], key=lambda finding: order.index(finding["level"]))
    return {
        "verdict": document["verdict"],
        "counts": {level: sum(one["level"] == level for one in findings) for level in order},
        "facts": [
            {"rule": one["rule"], "level": one["level"], "explanation": one["explanation"]}
            for one in findings[:_MOST_FACTS]
        ],
    }
