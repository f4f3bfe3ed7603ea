# The SARIF format (2.1.0, OASIS): results for code scanning and editors.
# Owns: the structure of a SARIF log, the limits of its readers. Refuses to know: which entries are results (results).
"""Render a document as SARIF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from drift.report.results import Result, about, results
from drift.report.safe import inline

_LEVELS = {"breaking": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_MOST = 25_000
"""Results of one run that GitHub takes."""


def render(document: Mapping[str, Any]) -> str:
    """Return a document as a SARIF log with one run, in ASCII, ending with a line feed.

    Paths are relative to the root of the repository. GitHub keeps an alert by `primaryLocationLineHash`.

    Raises:
        DocumentError: documents of this kind say nothing about lines of files.
    """
    found = results(document)[:_MOST]
    rules = list(dict.fromkeys(result.rule for result in found))
    driver = {
        "name": "drift",
        "version": document["drift_version"],
        "semanticVersion": document["drift_version"],
        "informationUri": "https://pypi.org/project/model-drift-tracker/",
        "rules": [
            {
                "id": one.rule,
                "shortDescription": {"text": one.title},
                "fullDescription": {"text": one.title},
                "help": {"text": one.help, "markdown": one.help},
                "properties": {"tags": ["model-lifecycle"]},
            }
            for one in about(rules)
        ],
    }
    run = {
        "tool": {"driver": driver},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, rules.index(result.rule)) for result in found],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, indent=2, ensure_ascii=True, allow_nan=False)
    return text.replace("##", "#\\u0023") + "\n"


def _result(result: Result, index: int) -> dict[str, Any]:
    try:
        name = result.file.encode("utf-8", "surrogateescape")  # the bytes that the file system has
    except UnicodeEncodeError:
        name = result.file.encode("utf-8", "surrogatepass")
    return {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": _LEVELS[result.level],
        "message": {"text": inline(result.message, 1000)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(name), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": result.line, "startColumn": result.column},
                }
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{result.fingerprint}:1"},
    }
