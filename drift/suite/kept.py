# The packaged templates as they were read last time: reading YAML with its lines takes longer than all else at start.
# Owns: one JSON file in the cache folder, and when it still holds. Refuses to know: how a template is read.
"""Templates kept between two starts.

The name of the file is a hash over every packaged file and over the code that reads them: whatever changes, they are
read again. A cache that cannot be read or written costs time and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import drift.model
import drift.yamlfile
from drift.caches import cache_dir
from drift.files import replacing
from drift.model import Event, probe_from_json
from drift.suite.templates import Template

_PREFIX = "templates-"


def keep(
    files: Sequence[Path], read: Callable[[], tuple[Template, ...] | None]
) -> tuple[Template, ...] | None:
    """Return what `read` returns for these files, without calling it when it was called for them before.

    Args:
        files: everything that the result depends on besides our own code.
        read: reads the templates; None (there is a mistake) is not kept.
    """
    path = cache_dir() / f"{_PREFIX}{_key(files)}.json"
    with suppress(OSError, ValueError, TypeError, KeyError):
        return tuple(map(_template, json.loads(path.read_bytes())))
    templates = read()
    if templates is not None:
        with suppress(OSError, ValueError):
            _write(path, json.dumps([asdict(template) for template in templates], allow_nan=False))
    return templates


def _key(files: Iterable[Path]) -> str:
    code = (Path(__file__).parent, Path(drift.model.__file__), Path(drift.yamlfile.__file__))
    sources = [file for place in code for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    digest = hashlib.sha256()
    for file in (*sources, *files):
        content = file.read_bytes()
        digest.update(f"{file.parent.name}/{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


def _template(value: dict[str, Any]) -> Template:
    return Template(
        **{
            **value,
            "tags": tuple(value["tags"]),
            "dialects": tuple(value["dialects"]),
            "why": tuple(Event(**event) for event in value["why"]),
            "probes": tuple(map(probe_from_json, value["probes"])),
        }
    )


def _write(path: Path, text: str) -> None:
    """Write the file and take away what earlier versions kept."""
    with replacing(path) as fresh:
        fresh.write_text(text, encoding="utf-8")
    for file in path.parent.glob(f"{_PREFIX}*.json"):
        if file != path:
            file.unlink(missing_ok=True)
