# The packaged templates as they were read last time: reading YAML with its lines takes longer than all else at start.
# Owns: their form in the cache, what they depend on. Refuses to know: how a template is read.
"""Templates kept between two starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import drift.model
import drift.yamlfile
from drift import caches
from drift.model import Event, probe_from_json
from drift.suite.templates import Template

Templates = tuple[Template, ...]


def keep(files: Sequence[Path], read: Callable[[], Templates | None]) -> Templates | None:
    """Return what `read` returns for these files, without calling it when it was called for them before.

    Args:
        files: everything that the result depends on besides our own code.
        read: reads the templates; None (there is a mistake) is not kept.
    """
    code = (
        *sorted(Path(__file__).parent.glob("*.py")),
        Path(drift.model.__file__),
        Path(drift.yamlfile.__file__),
    )
    return caches.keep("templates", (*code, *files), read, dump=_dump, load=_load)


def _dump(templates: Templates | None) -> str:
    if templates is None:
        raise ValueError("a mistake is not kept")
    return json.dumps([asdict(template) for template in templates], allow_nan=False)


def _load(text: bytes) -> Templates:
    return tuple(map(_template, json.loads(text)))


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
