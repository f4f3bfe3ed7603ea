# Surfaces in shorthand: what the pairs and tests of surfaces are written in.
# Owns: the shorthand. Refuses to know: how a surface is read or compared.
"""Write a surface by hand.

A type is a plain word ("string", "integer", "any", …), "[T]" for a list, "=a|b" for a closed and "~a|b" for an open
enumeration, a list for "any of these", an object for an object (a name that ends in "!" is always there), or
"#Name" for a definition under `definitions`.
"""

from __future__ import annotations

from typing import Any

from drift.surface import Surface
from drift.surface.document import EXTRACTOR_VERSION, SURFACE_VERSION


def written_surface(short: dict[str, Any]) -> Surface:
    """Return a whole surface from what a test cares about."""
    definitions: dict[str, Any] = {}
    for name, shape in short.get("definitions", {}).items():
        definitions[name] = {"kind": "alias", "type": written_type(shape, definitions)}
    models = {
        name: {"listed": True, "deprecated": False, "retires": None, "text": None, "sources": [], **facts}
        for name, facts in short.get("models", {}).items()
    }
    return {
        "surface": SURFACE_VERSION,
        "extractor": EXTRACTOR_VERSION,
        "package": {
            "name": "acme",
            "version": "1.0.0",
            "kind": "wheel",
            "sha256": "0" * 64,
            "released": None,
            "requires_python": ">=3.10",
            "requires": [],
            "extras": [],
            "files": 1,
            **short.get("package", {}),
        },
        "client": {
            "base_url": "https://api.acme.example",
            "headers": {},
            "auth": ["X-Api-Key"],
            "api_versions": {},
            "http_library": "httpx",
            "max_retries": 2,
            "timeout_s": 600.0,
            **short.get("client", {}),
        },
        "endpoints": {
            endpoint: {
                tier: {name: _method(method, definitions) for name, method in methods.items()}
                for tier, methods in tiers.items()
            }
            for endpoint, tiers in short.get(
                "endpoints", {"GET /v1/models": {"ga": {"models.list": {}}}}
            ).items()
        },
        "events": {
            kind: [written_type(shape, definitions) for shape in shapes]
            for kind, shapes in short.get("events", {}).items()
        },
        "errors": {
            "types": [],
            "codes": [],
            "statuses": {},
            "classes": [],
            "aliases": {},
            **short.get("errors", {}),
        },
        "betas": short.get("betas", []),
        "models": models,
        "definitions": definitions,
        "unresolved": short.get("unresolved", {}),
    }


def _method(short: dict[str, Any], definitions: dict[str, Any]) -> Any:
    params = {}
    for key, shape in short.get("params", {}).items():
        wire = key.rstrip("!")
        argument = short.get("arguments", {}).get(wire, wire.partition(":")[2])
        params[wire] = {
            "required": key.endswith("!"),
            "type": written_type(shape, definitions),
            "argument": argument,
        }
    return {
        "params": params,
        "response": written_type(short.get("response", "any"), definitions),
        "stream": written_type(short["stream"], definitions) if "stream" in short else None,
        "sent": short.get("sent", {}),
        "deprecated": short.get("deprecated"),
        "raises": [],
        "runtime_path": False,
    }


def written_type(short: Any, definitions: dict[str, Any]) -> Any:
    """Return a type of the surface document; objects become definitions."""
    if isinstance(short, list):
        return {"anyOf": [written_type(part, definitions) for part in short]}
    if isinstance(short, dict):
        key = f"types.T{len(definitions)}"
        definitions[key] = None  # keeps the number while the fields take theirs
        fields = {
            name.rstrip("!"): {"type": written_type(shape, definitions), "required": name.endswith("!")}
            for name, shape in short.items()
        }
        definitions[key] = {"kind": "object", "fields": fields}
        return {"ref": key}
    if short.startswith("#"):
        return {"ref": short[1:]}
    if short.startswith(("=", "~")):
        return {"enum": sorted(short[1:].split("|")), "open": short.startswith("~")}
    if short.startswith("["):
        return {"type": "array", "items": written_type(short[1:-1], definitions)}
    if short.startswith("{"):
        return {"type": "map", "values": written_type(short[1:-1], definitions)}
    return {"type": short}
