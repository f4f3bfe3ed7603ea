# What a team has agreed to: accepted baselines (sealed exports) and acknowledged findings.
# Owns: the files under snapshots/ except the database, their names and hashes.
# Refuses to know: the store, what a finding means.
"""Accepted baselines and acknowledgements.

`<folder>/baselines.yaml` lists the accepted baselines, one a target; each names its export
`<folder>/<target>.jsonl.gz` and the SHA-256 of the export's uncompressed bytes, so that a changed file is
noticed. `acknowledged.yaml` lists findings that a team has seen, with reason, owner and expiry.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from drift.canonical import content_hash
from drift.errors import UnmeasuredError, UsageError
from drift.files import replacing
from drift.model import Run
from drift.yamlfile import YamlFile, put_entry, read_yaml

INDEX = "baselines.yaml"
MAX_DAYS = 120
"""How far ahead an acknowledgement may reach, in days."""

_BASELINE_KEYS = (
    "target",
    "run",
    "label",
    "file",
    "sha256",
    "seal",
    "suite",
    "suite_hash",
    "samples",
    "control",
    "accepted_at",
    "by",
    "reason",
)
_ACKNOWLEDGEMENT_KEYS = ("fingerprint", "rule", "reason", "owner", "until", "targets")


@dataclass(frozen=True, slots=True)
class Baseline:
    """An accepted baseline.

    Attributes:
        target: `baseline_name` of the run: its target, with the data set of an import in front.
        run: id of the run.
        label: its label, or None.
        file: name of the export inside the folder.
        sha256: of the uncompressed export.
        seal: see `Run.seal`.
        suite: name of the suite, or None.
        suite_hash: see `Run.suite_hash`.
        samples: number of samples.
        control: id of the same-model control that the export also holds, or None.
        accepted_at: ISO 8601 with offset.
        by: who accepted it, or None.
        reason: why.
    """

    target: str
    run: str
    label: str | None
    file: str
    sha256: str
    seal: str
    suite: str | None
    suite_hash: str | None
    samples: int
    control: str | None
    accepted_at: str
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding that a team has seen.

    Attributes:
        fingerprint: 12 or more hexadecimal digits.
        rule: id of the rule, which has to agree with the finding.
        reason: why it may pass.
        owner: who answers for it.
        until: last day on which it holds.
        targets: targets for which it holds; empty = all.
    """

    fingerprint: str
    rule: str
    reason: str
    owner: str
    until: dt.date
    targets: tuple[str, ...] = ()


def baseline_name(run: Run) -> str:
    """Return the name under which a run is accepted: its target, for an import behind the data set."""
    return run.target if run.dataset is None else f"{run.dataset}:{run.target}"


def read_baselines(folder: Path) -> list[Baseline]:
    """Return the accepted baselines in the order of the file; none when there is no file.

    Raises:
        ConfigError: the list is damaged; names file and line.
    """
    if not (folder / INDEX).exists():
        return []
    file = read_yaml(folder / INDEX)
    return [_baseline(file, index) for index in range(len(_entries(file)))]


def find_baseline(folder: Path, target: str) -> Baseline | None:
    """Return the accepted baseline of a target, or None."""
    return next((baseline for baseline in read_baselines(folder) if baseline.target == target), None)


def accept_baseline(
    folder: Path,
    run: Run,
    write_export: Callable[[TextIO], None],
    *,
    reason: str,
    by: str | None = None,
    control: str | None = None,
    accepted_at: str,
) -> Baseline:
    """Write the export of a run and make it the baseline of its target.

    Args:
        folder: where the accepted baselines stand; made when absent.
        run: a complete, sealed run.
        write_export: writes the JSON Lines of the run (and of its control) into a text file.
        reason: why this run is the baseline from now on.
        by: who accepts it.
        control: id of the control that the export also holds.
        accepted_at: ISO 8601 with offset.

    Raises:
        UsageError: the run is not complete, or the reason says nothing.
    """
    if run.status != "complete" or run.seal is None:
        raise UsageError(
            f"run {run.id} is {run.status}", "accept a complete run; drift run --resume finishes this one"
        )
    _meant(reason, "a reason", "say with --reason why this run is the baseline")
    content = io.StringIO()
    write_export(content)
    data = content.getvalue().encode("utf-8")
    name = baseline_name(run)
    baseline = Baseline(
        target=name,
        run=run.id,
        label=run.label,
        file=file_name(name),
        sha256=hashlib.sha256(data).hexdigest(),
        seal=run.seal,
        suite=run.suite,
        suite_hash=run.suite_hash,
        samples=run.samples,
        control=control,
        accepted_at=accepted_at,
        by=by,
        reason=reason,
    )
    with (
        replacing(folder / baseline.file) as fresh,
        fresh.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
    ):
        packed.write(data)
    put_entry(
        folder / INDEX,
        {key: value for key, value in asdict(baseline).items() if value is not None},
        keys=("target",),
        header="Accepted baselines. `drift baseline accept` writes this file; review it like code.",
    )
    return baseline


def verify_baseline(folder: Path, baseline: Baseline) -> Path:
    """Return the path of a baseline's export after checking that it is what was accepted.

    Raises:
        UnmeasuredError: it is absent, unreadable or was changed since.
    """
    path = folder / baseline.file
    again = "restore it from version control, or accept a baseline again"
    digest = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except FileNotFoundError:
        raise UnmeasuredError(f"the baseline of {baseline.target} is not at {path}", again) from None
    except (OSError, EOFError, zlib.error) as error:
        raise UnmeasuredError(f"the baseline {path} cannot be read ({error})", again) from None
    if digest.hexdigest() != baseline.sha256:
        raise UnmeasuredError(f"the baseline {path} was changed after it was accepted", again)
    return path


def file_name(target: str) -> str:
    """Return a file name for a target of any spelling: readable, safe everywhere, unique."""
    plain = re.fullmatch(r"([a-z0-9][a-z0-9_-]*)/([a-z0-9][a-z0-9._-]*)", target)
    stem = target.replace("/", "--")
    if plain and "--" not in target and not target.endswith(".") and len(target) <= 100:
        return f"{stem}.jsonl.gz"
    # "--" stands in plain names only, so that none of these can be one of those.
    readable = re.sub(r"[^a-z0-9._]+", "-", target.lower()).strip("-.")[:60] or "target"
    return f"{readable}-{content_hash(target)[:12]}.jsonl.gz"


def read_acknowledgements(path: Path) -> tuple[Acknowledgement, ...]:
    """Return the acknowledgements of a file in its order, expired ones too; none when there is no file.

    Raises:
        ConfigError: an entry is incomplete, has no reason of its own, or stands twice; names file and line.
    """
    if not path.exists():
        return ()
    file = read_yaml(path)
    read: list[Acknowledgement] = []
    for index in range(len(_entries(file))):
        entry = _acknowledgement(file, index)
        if any((entry.fingerprint, entry.targets) == (other.fingerprint, other.targets) for other in read):
            raise file.error(f"{entry.fingerprint} is acknowledged twice", "remove one entry", at=(index,))
        read.append(entry)
    return tuple(read)


def acknowledge(path: Path, entry: Acknowledgement, *, today: dt.date) -> None:
    """Write an acknowledgement; it replaces one of the same fingerprint and targets.

    Raises:
        UsageError: no reason or owner, no fingerprint, or the day is past or more than `MAX_DAYS` ahead.
    """
    if not re.fullmatch(r"[0-9a-f]{12,64}", entry.fingerprint):
        raise UsageError(f"{entry.fingerprint!r} is no fingerprint", "copy its 12 digits from the report")
    _meant(entry.reason, "a reason", "say with --reason why this finding may pass")
    _meant(entry.owner, "an owner", "name with --owner who answers for it")
    if entry.until < today:
        raise UsageError(f"{entry.until} is past", "name a day to come with --until")
    if entry.until > today + dt.timedelta(days=MAX_DAYS):
        latest = today + dt.timedelta(days=MAX_DAYS)
        raise UsageError(f"{entry.until} is more than {MAX_DAYS} days ahead", f"choose {latest} or earlier")
    fields: dict[str, Any] = asdict(entry)
    fields["targets"] = list(entry.targets)
    put_entry(
        path,
        {key: value for key, value in fields.items() if value != []},
        keys=("fingerprint", "targets"),
        header="Findings that a team has seen: they stay in the report, and out of the gate until their day.",
    )


def _meant(text: str, what: str, todo: str) -> None:
    """Refuse text that says nothing, or that no file can hold."""
    if not text.strip() or text.strip().upper() == "TODO":
        raise UsageError(f"{text!r} is not {what}", todo)
    if not text.isprintable():
        raise UsageError(f"{what} holds characters that cannot be printed", "write one line of plain text")


def _entries(file: YamlFile) -> Sequence[Any]:
    if file.data is None:
        return []
    if not isinstance(file.data, list):
        raise file.error("expected a list of entries", "start each with '- '")
    return file.data


def _baseline(file: YamlFile, index: int) -> Baseline:
    file.check_keys(file.data[index], _BASELINE_KEYS, at=(index,))
    optional = ("label", "suite", "suite_hash", "control", "by")
    values: dict[str, Any] = {key: file.data[index].get(key) for key in _BASELINE_KEYS}
    for key, value in values.items():
        wanted = int if key == "samples" else str
        if not isinstance(value, wanted) and not (value is None and key in optional):
            raise file.error(f"{key} is missing or of the wrong kind", "restore the entry", at=(index, key))
    if Path(values["file"]).name != values["file"] or values["file"].startswith("."):
        raise file.error(
            f"file: {values['file']!r} is no plain file name", "restore the entry", at=(index, "file")
        )
    return Baseline(**values)


def _acknowledgement(file: YamlFile, index: int) -> Acknowledgement:
    entry = file.data[index]
    file.check_keys(entry, _ACKNOWLEDGEMENT_KEYS, at=(index,))
    for key in ("fingerprint", "rule", "reason", "owner"):
        value = entry.get(key)
        if key in entry and not isinstance(value, str):
            raise file.error(f"{key} is no text", "put it in quotes", at=(index, key))
        if not isinstance(value, str) or not value.strip():
            raise file.error(
                f"{key} is missing",
                "write down rule, reason, owner and day",
                at=(index, key),
            )
        if value.strip().upper() == "TODO":
            raise file.error(f"{key} is still TODO", "write down what was decided", at=(index, key))
    fingerprint = entry["fingerprint"]
    if not re.fullmatch(r"[0-9a-f]{12,64}", fingerprint):
        raise file.error(
            f"{fingerprint!r} is no fingerprint",
            "copy its 12 digits from the report",
            at=(index, "fingerprint"),
        )
    until = entry.get("until")
    if isinstance(until, str):
        try:
            until = dt.date.fromisoformat(until)
        except ValueError:
            until = None
    if not isinstance(until, dt.date):
        raise file.error("until is no day", "write it as 2027-02-01", at=(index, "until"))
    targets = entry.get("targets", [])
    if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
        raise file.error("targets is no list of targets", "write [platform/model]", at=(index, "targets"))
    return Acknowledgement(
        fingerprint=fingerprint,
        rule=entry["rule"],
        reason=entry["reason"],
        owner=entry["owner"],
        until=until,
        targets=tuple(targets),
    )
