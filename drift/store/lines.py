# Samples as lines of "Recorded outputs" (JSON Lines): what an export writes and an import reads back as ours.
# Owns: the key "drift" of a line and its version. Refuses to know: files, transactions, other formats.
"""One sample, one line.

An imported sample is written as it came. A sample of a live run is written so that any reader of the format
finds answer, calls and usage, and carries one more key from which drift restores it exactly:

    "drift": {"version": 1,
              "run": {every field of the run} on the first line of a run, its id on the others,
              "probe": {"definition": {…}, "position", "epochs"} on the first line of a probe, else null,
              "sample": {"epoch", "outcome", "document", "dialect", "latency_ms", "recorded_at"}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import Any, get_args

from drift.canonical import content_hash
from drift.model import (
    JSON,
    Exchange,
    Outcome,
    Probe,
    Purpose,
    Run,
    Sample,
    probe_from_json,
    probe_to_json,
)

LINE_VERSION = 1
"""Version of the key "drift"; a reader refuses a higher one."""

_SAMPLE_FIELDS = ("epoch", "outcome", "document", "dialect", "latency_ms", "recorded_at")
_IDENTITY = frozenset({"dataset", "target", "version_label", "probe_id", "sample"})


def imported_run_id(dataset: str, target: str, label: str | None, seal: str) -> str:
    """Return the id of an imported run: a function of its identity and content alone."""
    return content_hash([dataset, target, label, seal])[:16]


def came_as_lines(run: Run) -> bool:
    """Tell whether a run came from plain lines, which say everything about it."""
    return (
        run.dataset is not None
        and run.seal is not None
        and run.id == imported_run_id(run.dataset, run.target, run.label, run.seal)
    )


def document_of_line(line: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the raw document of an imported line: everything but its identity.

    Only when the line spells its identity in another way than an export does (`version_label` absent,
    `sample` absent or null) is the spelling kept beside it, so that the line can be written again as it came.
    """
    document: dict[str, JSON] = {"recorded": {key: line[key] for key in line if key not in _IDENTITY}}
    if "version_label" not in line or line.get("sample") is None:
        document["identity"] = {key: line[key] for key in ("version_label", "sample") if key in line}
    return document


def line_of_document(run: Run, sample: Sample) -> dict[str, JSON]:
    """Return the line that an imported sample came from; the inverse of `document_of_line`."""
    usual = {"version_label": run.label, "sample": sample.epoch - 1}
    return {
        "dataset": run.dataset,
        "target": run.target,
        "probe_id": sample.probe_id,
        **sample.document.get("identity", usual),
        **sample.document["recorded"],
    }


@dataclass(frozen=True, slots=True)
class LiveProbe:
    """A probe of a live run with its place in the suite and how often it is asked."""

    probe: Probe
    position: int
    epochs: int


def line_of_sample(
    run: Run, asked: LiveProbe, sample: Sample, *, first_of_run: bool, first_of_probe: bool
) -> dict[str, JSON]:
    """Return the line of a live sample; `first_…` say what has not been written before."""
    return {
        **_for_other_readers(run, asked.probe, sample),
        "drift": {
            "version": LINE_VERSION,
            "run": asdict(run) if first_of_run else run.id,
            "probe": {
                "definition": probe_to_json(asked.probe),
                "position": asked.position,
                "epochs": asked.epochs,
            }
            if first_of_probe
            else None,
            "sample": {name: getattr(sample, name) for name in _SAMPLE_FIELDS},
        },
    }


def _for_other_readers(run: Run, probe: Probe, sample: Sample) -> dict[str, JSON]:
    from drift.observe.readers import read_exchange

    document = sample.document if isinstance(sample.document, Mapping) else {}
    # Without `exchanges`, and for samples that keep no text, there is nothing to read.
    exchanges = document.get("exchanges") if "shape" not in document else None
    exchange = exchanges[-1] if exchanges else {}
    reply = read_exchange(exchange)
    asked = probe.exchanges[-1] if probe.exchanges else Exchange()
    return {
        "dataset": run.dataset or run.suite or "drift",
        "target": run.target,
        # (dataset, target, version_label) has to name one run, and labels repeat.
        "version_label": f"{run.label} {run.id}" if run.label else run.id,
        "probe_id": sample.probe_id,
        "sample": sample.epoch - 1,
        "recorded_at": sample.recorded_at,
        "prompt": asked.messages[0].content if len(asked.messages) == 1 else None,
        "params": {**run.params, **asked.params} or None,
        "output_text": reply.text,
        "output_raw": reply.body,
        "tool_calls": [{"name": call.name, "arguments": call.arguments} for call in reply.calls] or None,
        "usage": dict(reply.usage) or None,
        "labels": None,
        "family": probe.family,
        "purpose": probe.purpose,
        "outcome": sample.outcome,
        "status": reply.status,
        "error": exchange.get("error") or reply.error,
        "response_model": reply.model,
        "api_version": run.api_version,
        "platform": run.platform,
        "latency_ms": sample.latency_ms,
        "tools": [asdict(tool) for tool in asked.tools] or None,
        "output_schema": asked.output_schema,
    }


class LineError(ValueError):
    """A line with the key "drift" that drift did not write so; the message says why."""


@dataclass(frozen=True, slots=True)
class LiveLine:
    """What `line_of_sample` wrote.

    Attributes:
        run_id: the run.
        run: the run itself, on its first line.
        probe: the probe, on its first line.
        sample: without its id, which follows from the rest.
    """

    run_id: str
    run: Run | None
    probe: LiveProbe | None
    sample: Sample


def is_live_line(line: Mapping[str, JSON]) -> bool:
    """Tell whether a line carries what restores a sample of a live run."""
    kept = line.get("drift")
    return isinstance(kept, dict) and isinstance(kept.get("version"), int)


def read_live_line(line: Mapping[str, JSON]) -> LiveLine:
    """Read a line back; LineError when it is newer than this drift or was changed."""
    kept = line["drift"]
    if kept["version"] > LINE_VERSION:
        raise LineError("written by a newer drift: upgrade drift")
    try:
        run = None if isinstance(kept["run"], str) else _run(kept["run"])
        asked = kept["probe"]
        live = LiveLine(
            run_id=kept["run"] if run is None else run.id,
            run=run,
            probe=None if asked is None else _probe(asked, line["probe_id"]),
            sample=_sample(kept["sample"], line["probe_id"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise LineError(f'the key "drift" is not as drift wrote it ({error})') from None
    return live


_RUN_TYPES: Mapping[str, type[Any] | UnionType] = {
    **dict.fromkeys(("id", "target", "requested_model", "platform", "status", "created_at", "seal"), str),
    **dict.fromkeys(("params", "meta"), dict),
    "samples": int,
    "epochs": int | None,
}


def _run(value: Mapping[str, JSON]) -> Run:
    run = Run(**value)
    for field in fields(run):
        _expect(field.name, getattr(run, field.name), _RUN_TYPES.get(field.name, str | None))
    if run.status != "complete" or not re.fullmatch("[0-9a-z]{12,}", run.id):
        raise LineError("its run has no proper id or is not complete")
    return run


def _probe(value: Mapping[str, JSON], probe_id: str) -> LiveProbe:
    probe = probe_from_json(value["definition"])
    for name in ("id", "template", "family"):
        _expect(name, getattr(probe, name), str)
    if probe.id != probe_id or probe.purpose not in get_args(Purpose):
        raise LineError(f"its probe is not {probe_id}")
    for name in ("position", "epochs"):
        _expect(name, value[name], int)
    return LiveProbe(probe, value["position"], value["epochs"])


def _sample(value: Mapping[str, JSON], probe_id: str) -> Sample:
    sample = Sample(id="", probe_id=probe_id, **{name: value[name] for name in _SAMPLE_FIELDS})
    _expect("epoch", sample.epoch, int)
    _expect("dialect", sample.dialect, str)
    _expect("latency_ms", sample.latency_ms, float | int | None)
    _expect("recorded_at", sample.recorded_at, str | None)
    if sample.outcome not in get_args(Outcome) or sample.epoch < 1:
        raise LineError("its sample has no proper outcome or epoch")
    return sample


def _expect(name: str, value: JSON, wanted: type[Any] | UnionType) -> None:
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise LineError(f"{name} is of a wrong type")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise LineError(f"{name} holds half a character (a lone surrogate)") from None
