# What a team agrees to: baselines and acknowledged findings, files in the repository that only this writes.
# Owns: the commands `baseline` and `ack`. Refuses to know: judging, vendors.
"""`drift baseline` and `drift ack`."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from drift.cli import options, output, session
from drift.cli.groups import group
from drift.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drift.baselines import Acknowledgement

baseline = group(
    "Accepted baselines: what `drift check` compares with.",
    "drift baseline",
    'drift baseline accept anthropic/MODEL --reason "reviewed by hand"',
)


@baseline.command("list")
def list_baselines(
    config: options.ConfigFile = None, json: options.Json = False, form: options.Format = None
) -> None:
    """List the accepted baselines.

    \b
    drift baseline
    """
    from drift.baselines import read_baselines

    chosen = options.form(json, form)
    found = [asdict(entry) for entry in read_baselines(session.settings(config).baselines)]
    session.show(output.document("baselines", baselines=found), chosen)


@baseline.command("show")
def show_baseline(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A target, or DATASET:TARGET.")],
    config: options.ConfigFile = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Show one accepted baseline and see that its file is unchanged.

    Exit code 3 when it is not what was accepted.

    \b
    drift baseline show anthropic/MODEL
    """
    from drift.baselines import find_baseline, read_baselines, verify_baseline
    from drift.yamlfile import nearest

    chosen = options.form(json, form)
    folder = session.settings(config).baselines
    found = find_baseline(folder, target)
    if found is None:
        known = [entry.target for entry in read_baselines(folder)]
        raise UsageError(
            f"no baseline of {target!r} is accepted", nearest(target, known) if known else _ACCEPT
        )
    verify_baseline(folder, found)
    session.show(output.document("baselines", baselines=[asdict(found)]), chosen)
    output.note("its file is what was accepted")


_ACCEPT = 'drift baseline accept RUN --reason "…" makes one'


@baseline.command("accept")
def accept(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A complete run, by id or as TARGET[@LABEL].")],
    reason: Annotated[
        str, options.option("--reason", metavar="TEXT", help="Why this run is the baseline from now on.")
    ],
    by: Annotated[str | None, options.option("--by", metavar="NAME", help="Who accepts it.")] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Make a complete run the baseline of its target. A baseline never moves by itself.

    Its newest same-model control (drift run --control) goes along, so that a nightly machine needs no database.

    \b
    drift baseline accept anthropic/MODEL --reason "reviewed by hand"
    """
    from drift.baselines import accept_baseline

    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    with session.open_store(settled, readonly=True) as store:
        found = store.resolve(run)
        refused, asked, example = session.refusals(store, found)
        if asked and refused == asked:
            raise UsageError(
                f"run {found.id} holds no answer, only refusals ({example})", "see that the model id is right"
            )
        control = next(iter(session.repeats_of(store, found)), None)
        exported = [found.id] if control is None else [found.id, control.id]
        accepted = accept_baseline(
            settled.baselines,
            found,
            lambda file: store.export_runs(exported, file),
            reason=reason,
            by=by,
            control=None if control is None else control.id,
            accepted_at=output.now(),
        )
    session.show(output.document("baselines", baselines=[asdict(accepted)]), chosen)
    output.note(output.one_line(f"commit {settled.baselines} so that `drift check` finds it"))


def acknowledge(
    fingerprint: Annotated[
        str | None,
        typer.Argument(metavar="FINGERPRINT", help="The 12 digits of a finding; list all when absent."),
    ] = None,
    reason: Annotated[str, options.option("--reason", metavar="TEXT", help="Why it may pass.")] = "",
    owner: Annotated[str, options.option("--owner", metavar="NAME", help="Who answers for it.")] = "",
    until: Annotated[
        str, options.option("--until", metavar="DATE", help="Last day, at most 120 days ahead.")
    ] = "",
    target: Annotated[
        list[str] | None,
        options.option("--target", metavar="TARGET", help="Only for this target. Repeatable."),
    ] = None,
    comparison: Annotated[
        str | None,
        options.option(
            "--in", metavar="COMPARISON", help="The comparison that holds it; the newest one when absent."
        ),
    ] = None,
    config: options.ConfigFile = None,
    database: options.Database = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Acknowledge a finding: it leaves the gate until its day.

    It stays in the report. The baseline stays where it is. The file snapshots/acknowledged.yaml is reviewed like code.

    \b
    drift ack 3f9c1a7be042 --reason "handled" --owner ana --until 2027-02-01
    drift ack
    """
    from drift.baselines import Acknowledgement, read_acknowledgements
    from drift.baselines import acknowledge as write_entry

    chosen = options.form(json, form)
    settled = session.settings(config, database=database)
    if fingerprint is None and (reason or until):
        raise UsageError("no finding is named", "give the 12 digits of its fingerprint")
    if fingerprint is None:
        _show(read_acknowledgements(settled.acknowledged), chosen)
        return
    with session.open_store(settled, readonly=True) as store:
        _, finding = session.find_finding(store, fingerprint, comparison)
    missing = [
        flag for flag, text in (("--reason", reason), ("--owner", owner), ("--until", until)) if not text
    ]
    if missing:
        raise UsageError(f"an acknowledgement needs {' and '.join(missing)}", "say why, who and until when")
    entry = Acknowledgement(
        fingerprint=finding["fingerprint"],
        rule=finding["rule"],
        reason=reason,
        owner=owner,
        until=_day(until),
        targets=tuple(target or ()),
    )
    write_entry(settled.acknowledged, entry, today=dt.datetime.now(dt.UTC).date())
    _show([entry], chosen)


def _show(entries: Sequence[Acknowledgement], form: str) -> None:
    values = [
        {**asdict(one), "until": one.until.isoformat(), "targets": list(one.targets)} for one in entries
    ]
    session.show(output.document("acknowledgements", acknowledgements=values), form)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day", "write --until as 2027-02-01") from None
