# The JSON format: a document as it is, in canonical order, laid out for people.
# Owns: key order, indentation, ASCII. Refuses to know: what is in the document.
"""Render a document as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drift.canonical import inert


def render(document: Mapping[str, Any]) -> str:
    """Return the document as JSON with sorted keys, in ASCII, ending with a line feed.

    The same document gives the same bytes, and no CI system finds a command in them.

    Raises:
        ValueError: the document holds NaN or an infinity.
    """
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return inert(text) + "\n"
