# What drift knows before it has measured anything: its rules and its probes.
# Owns: the commands `rules` and `probes`. Refuses to know: runs, the database.
"""`drift rules` and `drift probes`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drift.cli import options, output, session
from drift.cli.groups import group
from drift.errors import EXIT_OK, EXIT_USAGE, UsageError

if TYPE_CHECKING:
    from drift.model import Probe
    from drift.rules.record import Rule

rules = group(
    "The rules that turn changes into findings.",
    "drift rules",
    "drift rules show text-markdown-fence-added",
)
probes = group(
    "The probes: what is asked, and why.", "drift probes --suite contract", "drift probes show json.plain"
)


@rules.command("list")
def list_rules(json: options.Json = False, form: options.Format = None) -> None:
    """List the rules.

    \b
    drift rules
    drift rules --json
    """
    from drift.rules import RULES

    chosen = options.form(json, form)
    session.show(output.document("rules", rules=[rule_values(rule) for rule in RULES]), chosen)


@rules.command("show")
def show_rule(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule.")],
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Show one rule: what it means, whose code breaks, what to do.

    \b
    drift rules show text-markdown-fence-added
    """
    chosen = options.form(json, form)
    explain_rule(rule, chosen)


def explain_rule(rule_id: str, form: str) -> None:
    """Print the documentation of a rule; UsageError names the nearest one."""
    from drift.rules import RULES
    from drift.yamlfile import nearest

    known = {rule.id: rule for rule in RULES}
    if rule_id not in known:
        raise UsageError(f"there is no rule {rule_id!r}", nearest(rule_id, sorted(known)))
    rule = rule_values(known[rule_id])
    session.show(output.document("explain", rule=rule, comparison=None, finding=None), form)


def rule_values(rule: Rule) -> dict[str, Any]:
    """Return a rule as a JSON object."""
    from dataclasses import asdict

    return asdict(rule)


@probes.command("list")
def list_probes(
    config: options.ConfigFile = None,
    suite: options.SuiteName = None,
    probe: options.ProbeIds = None,
    family: options.Families = None,
    tag: options.Tags = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """List the probes of a suite.

    \b
    drift probes
    drift probes --suite smoke
    drift probes --family json_format --json
    """
    from drift.suite import calls, list_suites

    shown = options.form(json, form)
    settled = session.settings(config, suite=suite)
    chosen = session.chosen_suite(settled, probe, family, tag)
    listed = [probe_values(one) for one in chosen.probes]
    session.show(
        output.document("probes", suite=chosen.name, suite_hash=chosen.hash, probes=listed),
        shown,
    )
    asked = output.count(calls(chosen.probes), "request")
    output.note(f"{output.count(len(listed), 'probe')}, {asked} a run; suites:")
    for name, title in list_suites(settled.own_probes).items():
        output.note(output.one_line(f"  {name:<12}{title}"))


@probes.command("show")
def show_probe(
    probe: Annotated[
        str, typer.Argument(metavar="PROBE|TEMPLATE", help="Id of a probe, or name of a template.")
    ],
    config: options.ConfigFile = None,
    json: options.Json = False,
    form: options.Format = None,
) -> None:
    """Show what a probe asks, what it expects, and why it exists.

    \b
    drift probes show json.plain
    """
    from drift.model import Suite
    from drift.suite import list_templates, select

    chosen = options.form(json, form)
    templates = list_templates(session.settings(config).own_probes)
    everything = Suite("catalogue", tuple(one for template in templates for one in template.probes))
    found = select(everything, probes=[probe]).probes
    if chosen != "text":
        shown = [probe_values(one) for one in found]
        session.show(output.document("probes", suite=None, suite_hash=None, probes=shown), chosen)
    else:
        output.out("\n\n".join(_text(one) for one in found))


@probes.command("validate")
def validate_probes(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Templates or folders; the packaged ones when absent."),
    ] = None,
    json: options.Json = False,
    form: options.Format = None,
) -> int:
    """Check files of probes and list every mistake with its line. Exit code 2 when there is one.

    \b
    drift probes validate probes/own
    """
    from dataclasses import asdict

    from drift.suite import validate

    chosen = options.form(json, form)
    named: Sequence[Path | None] = paths or [None]
    problems = [problem for path in named for problem in validate(path)]
    if chosen != "text":
        session.show(output.document("problems", problems=[asdict(problem) for problem in problems]), chosen)
    else:
        for problem in problems:
            output.out(output.one_line(str(problem)))
        if not problems:
            output.out("no mistake found")
    return EXIT_USAGE if problems else EXIT_OK


def probe_values(probe: Probe) -> dict[str, Any]:
    """Return a probe as a JSON object, with its hash."""
    from drift.model import probe_to_json

    return {**probe_to_json(probe), "hash": probe.hash}


def _text(probe: Probe) -> str:
    import json

    facts = {
        "family": probe.family,
        "asks for": probe.purpose,
        "epochs": probe.epochs,
        "cost": probe.cost,
        "tags": ", ".join(probe.tags) or "none",
        "dialects": ", ".join(probe.dialects) or "all",
        "hash": probe.hash[:12],
        "from": probe.origin,
    }
    events = [f"  would have caught: {event.when}: {event.what} ({event.source})" for event in probe.why]
    values = probe_values(probe)
    body = {"exchanges": [_given(one) for one in values["exchanges"]], "expect": _given(values["expect"])}
    lines = [probe.id, *(f"  {name + ':':<10}{value}" for name, value in facts.items()), *events]
    shown = json.dumps(body, indent=2, ensure_ascii=False)
    return "\n".join([*map(output.one_line, lines), output.block(shown)])


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {key: value for key, value in values.items() if value not in (None, "", [], (), {}, False)}
