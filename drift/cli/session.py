# What most commands do first and last: settle the settings, open the database, show a document.
# Owns: the order flag > environment > drift.yaml > default, choice of formats.
# Refuses to know: any single command.
"""Steps that commands share."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from drift.cli import options, output
from drift.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from drift.config import Config
    from drift.documents import ComparisonDocument, FindingDocument
    from drift.model import Run, Suite, Target
    from drift.prices import Price
    from drift.report.phrases import Verbosity
    from drift.store import Store

_FILE_WIDTH = 100
_PIPE_WIDTH = 120
"""What nobody's window cuts may be wider: names stay in one piece for the next command."""


def settings(config: Path | None, **flags: Any) -> Config:
    """Return the settings: a flag (or its environment variable), else drift.yaml, else the default.

    Args:
        config: a file of settings; None takes drift.yaml of the current folder, when there is one.
        flags: fields of `Config`; None was not given.
    """
    from drift.config import find_config, read_config

    return read_config(config or find_config(Path())).override(**flags)


def open_store(settled: Config, *, create: bool = False, readonly: bool = False) -> Store:
    """Open the database of the settings; only commands that bring something in create it."""
    from drift.store import Store

    return Store.open(settled.database, create=create, readonly=readonly)


def price_of(settled: Config, target: Target) -> Price | None:
    """Return the price that the settings state for a target; None leaves it to the price data."""
    from drift.prices import own_price

    stated = settled.prices.get(target.spec)
    return None if stated is None else own_price(target.platform, target.model, *stated)


def names(run: Run) -> tuple[str, ...]:
    """Return the names by which a user may mean the history that a run belongs to."""
    return (run.target,) if run.dataset is None else (run.target, f"{run.dataset}:{run.target}")


def chosen_suite(
    settled: Config,
    probes: Sequence[str] | None = None,
    families: Sequence[str] | None = None,
    tags: Sequence[str] | None = None,
    *,
    fallback: str | None = None,
) -> Suite:
    """Load the suite of the settings (else `fallback`, else the default), hold it to its pin, and narrow it.

    Raises:
        ConfigError: the suite is not the one that drift.yaml pins.
    """
    from drift.config import DEFAULT_SUITE, read_config
    from drift.suite import load_suite, select

    suite = load_suite(settled.suite or fallback or DEFAULT_SUITE, own=settled.own_probes)
    pinned = settled.suite_hash
    is_pinned = settled.suite == read_config(settled.path).suite
    if pinned and is_pinned and not suite.hash.startswith(pinned):
        raise ConfigError(
            f"the suite {suite.name} is {suite.hash[:12]}, and suite_hash pins {pinned}",
            "look at what changed in the probes, then write the new hash",
            where=str(settled.path),
        )
    if probes or families or tags:
        suite = select(suite, probes=probes or (), families=families or (), tags=tags or ())
    return suite


def repeats_of(store: Store, baseline: Run) -> list[Run]:
    """Return the complete runs that repeat a baseline on the same model, newest first, whichever came first."""
    complete = store.runs(target=baseline.target, status="complete")
    return [run for run in complete if baseline.id == run.control_of or run.id == baseline.control_of]


class Refusals(NamedTuple):
    """Samples of probes that let the model answer: how many the API refused, how many there are, the last refusal."""

    refused: int
    asked: int
    example: str


def refusals(store: Store, run: Run) -> Refusals:
    """Count what the API refused without being asked to: a mistyped model id looks like this, not like drift."""
    from drift.compare.pairing import lets_answer

    answers = {probe.id for probe in store.probes(run.id).values() if lets_answer(probe)}
    refused = asked = 0
    example = ""
    for sample in store.samples(run.id):
        if sample.probe_id in answers:
            asked += 1
            if sample.outcome == "rejected":
                refused += 1
                example = f"{sample.probe_id}: {_refusal((sample.document.get('exchanges') or [{}])[-1])}"
    return Refusals(refused, asked, example)


def _refusal(exchange: Mapping[str, Any]) -> str:
    """Return status and words of a refused request."""
    from drift.observe.readers import read_exchange

    error = read_exchange(exchange).error
    said = (
        next((error[name] for name in ("message", "detail", "error") if isinstance(error.get(name), str)), "")
        if isinstance(error, Mapping)
        else error
    )
    status = f"HTTP {exchange['status']}" if exchange.get("status") else "refused"
    if said == "<string>":  # of a safety probe no words are kept
        return status
    return f"{status}, {said or json.dumps(exchange.get('body')) or exchange.get('text') or 'no words'}"


def find_finding(
    store: Store, fingerprint: str, comparison: str | None = None
) -> tuple[ComparisonDocument, FindingDocument]:
    """Return the finding of that fingerprint and the comparison that holds it, the newest one when none is named.

    Raises:
        UsageError: no such finding is stored.
    """
    among = store.comparisons() if comparison is None else [store.comparison(comparison)]
    for document in among:
        for finding in document["findings"]:
            if finding["fingerprint"] == fingerprint:
                return document, finding
    place = f"comparison {comparison} has" if comparison else "the stored comparisons have"
    raise UsageError(f"{place} no finding {fingerprint!r}", "copy its 12 digits from a report")


def formats(
    json: bool, name: str | None, files: Sequence[Path] | None, kind: str = "comparison"
) -> tuple[str, list[Path]]:
    """Return the format on stdout and the files to write; refused before anything is paid for.

    Args:
        json: --json.
        name: --format.
        files: --output.
        kind: of the document that will be shown.

    Raises:
        UsageError: no such format, an ending that names none, or a folder that is not there.
    """
    from drift.report import format_of

    form = options.form(json, name, kind)
    for file in files or ():
        format_of(file, kind)
        refuse_missing_folder(file)
    return form, list(files or ())


def refuse_missing_folder(file: Path) -> None:
    """Raise UsageError when a file that is to be written has no folder to stand in."""
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", "make it first")


def named_for(files: Sequence[Path], target: str) -> list[Path]:
    """Return the names of one target's files where several targets have a report each: "report.<target>.md"."""
    from drift.baselines import file_name

    stem = file_name(target).removesuffix(".jsonl.gz")
    return [file.with_name(f"{file.stem}.{stem}{file.suffix}") for file in files]


def present(
    document: Mapping[str, Any],
    form: str,
    files: Sequence[Path],
    *,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """Print a report on stdout and write it to files."""
    write_files(document, files, verbose=verbose)
    show(document, form, quiet=quiet, verbose=verbose)


def write_files(document: Mapping[str, Any], files: Sequence[Path], *, verbose: bool = False) -> None:
    """Write a report to files, each in the format of its ending.

    Raises:
        UsageError: a file cannot be written.
    """
    from drift.report import format_of

    settled = {"verbosity": _verbosity(quiet=False, verbose=verbose), "width": _FILE_WIDTH}
    for file in files:
        chosen = format_of(file, document["kind"])
        fitting = {name: value for name, value in settled.items() if name in chosen.options}
        try:
            file.write_text(chosen.render(document, **fitting), encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{file} cannot be written ({error.strerror})", "name another file") from None


def show(
    document: Mapping[str, Any], form: str = "text", *, quiet: bool = False, verbose: bool = False
) -> None:
    """Print a document on stdout in one of the formats."""
    from drift.report import FORMATS

    settled = {
        "verbosity": _verbosity(quiet=quiet, verbose=verbose),
        "width": shutil.get_terminal_size(fallback=(_PIPE_WIDTH, 24)).columns,
        "color": output.color_wanted(sys.stdout),
    }
    chosen = FORMATS[form]
    output.out(chosen.render(document, **{name: settled[name] for name in chosen.options if name in settled}))


def _verbosity(*, quiet: bool, verbose: bool) -> Verbosity:
    return "quiet" if quiet else "verbose" if verbose else "normal"
