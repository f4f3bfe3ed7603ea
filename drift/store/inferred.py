# What the calls of a run say of each tool's arguments: a JSON Schema per run, probe and tool, beside the declared one.
# Owns: the rows with source "inferred". Refuses to know: how a hull is made, what it is compared with.
"""Argument schemas inferred from the calls of one run."""

from __future__ import annotations

import json

from drift.hull import Hull, join, schema_of
from drift.model import probe_from_json
from drift.store.connection import Connection


def inferred_schemas(connection: Connection, run_id: str) -> list[tuple[str, str, dict[str, object] | bool]]:
    """Return (probe id, tool, schema) for every tool that a probe of the run declares and that was called."""
    from drift.observe import called_hulls

    found: list[tuple[str, str, dict[str, object] | bool]] = []
    declaring = [
        *connection.rows(
            "select probe_id, definition from run_probes join probes using (probe_id)"
            " where run_id = ? and probes.hash = probe_hash"
            " and probe_id in (select probe_id from tool_schemas where tool_schemas.run_id = run_probes.run_id)",
            (run_id,),
        )
    ]
    for row in declaring:
        probe = probe_from_json(json.loads(row["definition"]))
        hulls: dict[str, Hull] = {}
        answers = connection.rows(
            "select json from samples join documents on hash = document_hash"
            " where run_id = ? and probe_id = ? and outcome = 'response' order by epoch",
            (run_id, probe.id),
        )
        for answer in answers:
            for tool, hull in called_hulls(json.loads(answer["json"]), probe).items():
                hulls[tool] = join(hulls.get(tool, {}), hull)
        found += [(probe.id, tool, schema_of(hull)) for tool, hull in sorted(hulls.items())]
    return found
