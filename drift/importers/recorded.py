# One file of recorded outputs into the store: every run of it, or nothing.
# Owns: how lines become runs, probes and samples. Refuses to know: formats other than these lines.
"""Turn lines of "Recorded outputs" into runs.

`(dataset, target, version_label)` names a run. What its lines say about it:

    target           the target; the requested model is what follows its first "/" (all of it without one)
    platform         the platform when all samples name the same, else "recorded"
    api_version      likewise, else None
    params           keys with one value in all samples are the params of the run; of every other key
                     `meta["params"]` lists up to 20 values
    recorded_at      the earliest is created_at and the latest finished_at (no offset is read as UTC);
                     without any, both are the time of the import

and about a probe (of its samples, the one with the lowest number speaks):

    prompt           one user message; `tools` and `output_schema` go with it
    family           the data set when absent
    purpose          "unknown" when absent
    output_schema    the answer is held to it as well
    labels.aggregate the probe is tagged "aggregate": a metric of the run, no answer

and about a sample: `sample` n is epoch n + 1; the outcome is `outcome`, else what `status` or `error` says, else
"response"; the latency is `latency_ms`, else `usage.latency_s`.

Lines that drift exported for a live run carry the key "drift" and give back exactly that run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from drift.canonical import canonical
from drift.errors import ImportFormatError, StoreError
from drift.importers.fields import complaint, is_amount, unknown_fields
from drift.model import JSON, Exchange, Expect, Message, Outcome, Probe, Run, Tool
from drift.store.intake import DuplicateSampleError, Intake, Staged
from drift.store.lines import (
    LineError,
    LiveLine,
    LiveProbe,
    document_of_line,
    imported_run_id,
    is_live_line,
    read_live_line,
)

MAX_LISTED = 20
"""How many values or names a notice or `meta` lists."""

# Refusals that say nothing about the request itself: credentials, timeouts, conflicts, rate limits.
_NOT_THE_REQUEST = frozenset({401, 403, 408, 409, 429})
_REQUEST_ERRORS = frozenset({"invalid_request_error", "not_found_error", "request_too_large"})

_SHARED = ("params", "platform", "api_version")

Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """One run of an imported file.

    Attributes:
        run: its id.
        target: its target.
        version_label: its label.
        samples: number of its samples.
        new: False when the database had it already.
    """

    run: str
    target: str
    version_label: str | None
    samples: int
    new: bool


class FileImport:
    """The lines of one file on their way into the store, inside the transaction of an intake."""

    def __init__(self, intake: Intake, file: str, notice: Notice) -> None:
        self._intake = intake
        self._file = file
        self._notice = notice
        self._runs: list[_Incoming] = []
        self._recorded: dict[tuple[str, str, str | None], _RecordedRun] = {}
        self._live: dict[str, _LiveRun] = {}
        self._unknown: Counter[str] = Counter()

    def take(self, number: int, line: JSON) -> None:
        """Take the JSON value of one line; ImportFormatError when it is no sample or repeats one."""
        what = complaint(line)
        if what is not None:
            raise self._error(what, number)
        try:
            self._intake.stage(*self._staged(number, line))
        except LineError as error:
            raise self._error(str(error), number) from None
        except DuplicateSampleError as error:
            sample = f"probe_id {line['probe_id']!r}, sample {line.get('sample') or 0}"
            raise self._error(f"{sample} stands already in {self._file}:{error.line}", number) from None
        except (StoreError, ValueError, RecursionError) as error:
            # Python reads 1e400 as infinity, which no JSON writer writes, and deeper nesting than it writes.
            raise self._error(f"cannot be kept as JSON: {error}", number) from None

    def _staged(self, number: int, line: Mapping[str, JSON]) -> tuple[int, Staged]:
        """Return the number of the line's run and the sample that the line stands for."""
        if is_live_line(line):
            live = read_live_line(line)
            restored = self._live.get(live.run_id)
            if restored is None:
                restored = self._live[live.run_id] = _LiveRun(
                    self._intake, len(self._runs), number, live.run_id
                )
                self._runs.append(restored)
            return restored.number, restored.take(number, live)
        name = (line["dataset"], line["target"], line.get("version_label"))
        recorded = self._recorded.get(name)
        if recorded is None:
            recorded = self._recorded[name] = _RecordedRun(self._intake, len(self._runs), number, *name)
            self._runs.append(recorded)
        for field in unknown_fields(line):
            if field in self._unknown or len(self._unknown) < MAX_LISTED:
                self._unknown[field] += 1
        return recorded.number, recorded.take(number, line)

    def finish(self) -> list[Imported]:
        """Store every run of the file; ImportFormatError when there is none, or one is not whole."""
        if not self._runs:
            raise self._error("holds no sample", None)
        for field, lines in sorted(self._unknown.items()):
            self._notice(
                f"Unknown field kept: {canonical(field[:60])} ({lines} {'line' if lines == 1 else 'lines'})."
            )
        return [self._store(incoming) for incoming in self._runs]

    def _store(self, incoming: _Incoming) -> Imported:
        try:
            run = incoming.run()
            stored = self._intake.existing(run.id)
            if stored is None:
                self._intake.store(incoming.number, run, incoming.probes())
        except LineError as error:
            raise self._error(str(error), incoming.line) from None
        if stored is not None and stored.seal != run.seal:
            raise self._error(f"the database holds another run {run.id}", incoming.line)
        for notice in incoming.notices if stored is None else ():
            self._notice(notice)
        return Imported(run.id, run.target, run.label, incoming.samples, new=stored is None)

    def _error(self, what: str, number: int | None) -> ImportFormatError:
        return ImportFormatError(what, "nothing of this file was imported", file=self._file, line=number)


class _Incoming(Protocol):
    """A run whose lines have come in.

    Attributes:
        number: its name in the intake.
        line: where it was seen first.
        samples: how many were taken.
        notices: what the user should know about it, once `run` and `probes` were used.
    """

    number: int
    line: int
    samples: int
    notices: list[str]

    def run(self) -> Run: ...
    def probes(self) -> Iterator[tuple[Probe, int]]: ...


class _RecordedRun:
    """A run from plain lines: its id follows from its name and content, whatever the order of the lines."""

    def __init__(
        self, intake: Intake, number: int, line: int, dataset: str, target: str, label: str | None
    ) -> None:
        self._intake = intake
        self.number = number
        self.line = line
        self.dataset = dataset
        self.target = target
        self.label = label
        self.samples = 0
        self.notices: list[str] = []
        self._undated = 0
        self._earliest: datetime | None = None
        self._latest: datetime | None = None

    def take(self, number: int, line: Mapping[str, JSON]) -> Staged:
        self.samples += 1
        recorded_at = line.get("recorded_at")
        if recorded_at is not None:
            self._saw(recorded_at)
        for name in _SHARED:
            self._intake.note(self.number, name, line.get(name))
        return Staged(
            probe_id=line["probe_id"],
            epoch=(line.get("sample") or 0) + 1,
            outcome=outcome_of(line),
            document=document_of_line(line),
            line=number,
            request=[line.get("prompt"), line.get("tools"), line.get("output_schema")],
            latency_ms=_latency(line),
            recorded_at=recorded_at,
        )

    def _saw(self, recorded_at: str) -> None:
        instant = _instant(recorded_at)
        if instant is None:
            self._undated += 1
            return
        self._earliest = min(instant, self._earliest or instant)
        self._latest = max(instant, self._latest or instant)

    def run(self) -> Run:
        seal = self._intake.seal(self.number)
        now = datetime.now(UTC)
        params, varying = self._params()
        run = Run(
            id=imported_run_id(self.dataset, self.target, self.label, seal),
            target=self.target,
            requested_model=_requested_model(self.target),
            platform=self._shared("platform") or "recorded",
            status="complete",
            created_at=(self._earliest or now).isoformat(),
            finished_at=(self._latest or now).isoformat(),
            dataset=self.dataset,
            label=self.label,
            api_version=self._shared("api_version"),
            params=params,
            samples=self.samples,
            seal=seal,
            meta={"params": varying} if varying else {},
        )
        self._notice(run)
        return run

    @property
    def _name(self) -> str:
        return f"{self.dataset}:{self.target}" + (f"@{self.label}" if self.label is not None else "")

    def _notice(self, run: Run) -> None:
        earlier = self._intake.namesake(run)
        if earlier is not None:
            self.notices.append(
                f"{self._name!r} was imported before with other content (run {earlier.id}): "
                f"the name means run {run.id} from now on."
            )
        if self._undated:
            what = "value of recorded_at that is no ISO 8601 date"
            if self._undated > 1:
                what = "values of recorded_at that are no ISO 8601 dates"
            self.notices.append(f"{self._name!r} has {self._undated} {what}.")

    def probes(self) -> Iterator[tuple[Probe, int]]:
        differing = 0
        for staged in self._intake.probes(self.number):
            differing += staged.requests > 1
            yield _probe(staged.probe_id, self.dataset, staged.document["recorded"]), staged.epochs
        if differing:
            probes, each = ("probe", "it") if differing == 1 else ("probes", "each")
            self.notices.append(
                f"{self._name!r} asks {differing} {probes} with more than one prompt: "
                f"{each} keeps that of its first sample, and the others stay with their samples."
            )

    def _shared(self, name: str) -> JSON:
        """Return the value that all samples have under a name, None when they differ."""
        values = list(islice(self._intake.noted(self.number, name), 2))
        return values[0] if len(values) == 1 else None

    def _params(self) -> tuple[dict[str, JSON], dict[str, JSON]]:
        """Return the params that all samples share, and up to MAX_LISTED values of each other one."""
        seen: dict[str, dict[str, JSON]] = {}
        holders: Counter[str] = Counter()
        sets = 0
        for params in self._intake.noted(self.number, "params"):
            sets += 1
            for key, value in (params or {}).items():
                holders[key] += 1
                values = seen.setdefault(key, {})
                # By their JSON, because Python calls 1, 1.0 and True equal.
                if len(values) < MAX_LISTED:
                    values[canonical(value)] = value
        lists = {key: list(values.values()) for key, values in seen.items()}
        shared = {key for key, values in lists.items() if len(values) == 1 and holders[key] == sets}
        return (
            {key: values[0] for key, values in lists.items() if key in shared},
            {key: values for key, values in lists.items() if key not in shared},
        )


class _LiveRun:
    """A run that drift exported: its lines give it back as it was, or are refused."""

    def __init__(self, intake: Intake, number: int, line: int, run_id: str) -> None:
        self._intake = intake
        self.number = number
        self.line = line
        self._id = run_id
        self.samples = 0
        self.notices: list[str] = []
        self._run: Run | None = None
        self._asked: dict[str, LiveProbe] = {}

    def take(self, number: int, live: LiveLine) -> Staged:
        self.samples += 1
        self._run = live.run or self._run
        if live.probe is not None:
            self._asked[live.sample.probe_id] = live.probe
        return Staged(
            probe_id=live.sample.probe_id,
            epoch=live.sample.epoch,
            outcome=live.sample.outcome,
            document=live.sample.document,
            line=number,
            dialect=live.sample.dialect,
            latency_ms=live.sample.latency_ms,
            recorded_at=live.sample.recorded_at,
        )

    def run(self) -> Run:
        if self._run is None:
            raise LineError(f"the first line of run {self._id} is missing")
        if self._run.seal != self._intake.seal(self.number):
            raise LineError(f"run {self._id} is not what was exported: lines are missing or were changed")
        return self._run

    def probes(self) -> Iterator[tuple[Probe, int]]:
        for staged in self._intake.probes(self.number):
            if staged.probe_id not in self._asked:
                raise LineError(f"the first line of probe {staged.probe_id} is missing")
        for asked in sorted(self._asked.values(), key=lambda asked: asked.position):
            yield asked.probe, asked.epochs


def outcome_of(line: Mapping[str, JSON]) -> Outcome:
    """Return the outcome of a recorded line: as told, else from HTTP status or error."""
    told: Outcome | None = line.get("outcome")
    if told is not None:
        return told
    status, error = line.get("status"), line.get("error")
    if status is None and isinstance(error, dict):
        # Routers report a refused request inside their own 200, with the status as `code`.
        status = next((error[key] for key in ("status", "code") if type(error.get(key)) is int), None)
        if status is None and error.get("type") in _REQUEST_ERRORS:
            return "rejected"
    if status is None:
        return "failed" if error else "response"
    if 200 <= status < 300:
        return "response"
    return "rejected" if 400 <= status < 500 and status not in _NOT_THE_REQUEST else "failed"


def _latency(line: Mapping[str, JSON]) -> float | None:
    milliseconds = line.get("latency_ms")
    if milliseconds is not None:
        return float(milliseconds)
    seconds: Any = (line.get("usage") or {}).get("latency_s")
    return float(seconds) * 1000 if is_amount(seconds) else None


def _requested_model(target: str) -> str:
    _, slash, rest = target.partition("/")
    return rest if slash and rest else target


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _probe(probe_id: str, dataset: str, line: Mapping[str, Any]) -> Probe:
    prompt, schema = line.get("prompt"), line.get("output_schema")
    tools = tuple(tool for tool in map(_tool, line.get("tools") or ()) if tool)
    asked = Exchange(
        messages=() if prompt is None else (Message("user", prompt),), tools=tools, output_schema=schema
    )
    return Probe(
        id=probe_id,
        template=probe_id,
        family=line.get("family") or dataset,
        purpose=line.get("purpose") or "unknown",
        exchanges=() if asked == Exchange() else (asked,),
        expect=Expect(schema=schema),
        tags=("aggregate",) if (line.get("labels") or {}).get("aggregate") is True else (),
    )


def _tool(value: JSON) -> Tool | None:
    """Read a tool in the vendors' spellings; None for one without a name (the sample keeps it all the same)."""
    if not isinstance(value, dict):
        return None
    inner = value["function"] if isinstance(value.get("function"), dict) else value
    name, text = inner.get("name"), inner.get("description")
    if not isinstance(name, str) or not name:
        return None
    schema: JSON = next(
        (inner[key] for key in ("input_schema", "parameters") if inner.get(key) is not None), {}
    )
    return Tool(name, text if isinstance(text, str) else "", schema)
