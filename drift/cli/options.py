# The flags that several commands share, each written once, and the rule that gives each its variable.
# Owns: spelling and help of shared flags. Refuses to know: what a command does with a value.
"""Shared options as annotated types: `def diff(..., database: Database = None)`.

A flag that was not given is None (or an empty list), so that drift.yaml and the defaults can stand behind it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from drift.errors import UsageError


def option(*names: str, help: str, **settings: Any) -> Any:  # noqa: A002 - typer's own word
    """Return a typer option that is also read from `DRIFT_<LONG_NAME>`.

    Args:
        names: flags; the first one with two dashes gives the variable its name.
        help: one clause for `--help`.
        settings: passed on to `typer.Option`.
    """
    long = next(name for name in names if name.startswith("--"))
    variable = "DRIFT_" + long.split("/")[0].removeprefix("--").replace("-", "_").upper()
    return typer.Option(*names, help=help, envvar=variable, show_envvar=False, show_default=False, **settings)


ConfigFile = Annotated[
    Path | None,
    option("-c", "--config", metavar="FILE", help="Settings; drift.yaml of this folder when absent."),
]
Database = Annotated[
    Path | None,
    option("-d", "--database", metavar="FILE", help="SQLite file of runs; snapshots/drift.db when absent."),
]


def _yield_to(*others: str) -> Callable[[typer.Context, typer.CallbackParam, Any], Any]:
    """Let a variable say nothing where another flag on the command line says it: a flag beats the environment."""

    def given(context: typer.Context, name: str | None) -> str:
        source = context.get_parameter_source(name or "")
        return "" if source is None else source.name

    def settle(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
        beaten = any(context.params.get(other) and given(context, other) == "COMMANDLINE" for other in others)
        return None if beaten and given(context, parameter.name) == "ENVIRONMENT" else value

    return settle


Json = Annotated[
    bool,
    option(
        "--json",
        help="Print the result as JSON on stdout; the same as --format json.",
        callback=_yield_to("format", "form"),
    ),
]
Format = Annotated[
    str | None,
    option(
        "--format",
        metavar="NAME",
        help="Format on stdout: text, json or md; text when absent.",
        callback=_yield_to("json"),
    ),
]
Outputs = Annotated[
    list[Path] | None,
    option(
        "-o",
        "--output",
        metavar="FILE",
        help="Write the report to a file; its ending names the format. Repeatable.",
    ),
]
Quiet = Annotated[bool, option("-q", "--quiet", help="No progress, and one line a finding.")]
Verbose = Annotated[bool, option("-v", "--verbose", help="Show every witness and every step.")]
Yes = Annotated[bool, option("--yes", help="Do not ask.")]

FailOnLevel = Literal["never", "info", "warning", "breaking"]
FailOn = Annotated[
    FailOnLevel | None,
    option(
        "--fail-on",
        help="Exit 1 from this level on; breaking when absent. `never` still gives exit codes 2 and 3.",
    ),
]
Profile = Annotated[
    Literal["tolerant-reader", "strict-reader", "provider-policy"] | None,
    option(
        "--profile", help="How your code reads answers; moves default levels. tolerant-reader when absent."
    ),
]
FalseDiscoveryRate = Annotated[
    float | None,
    option(
        "--fdr",
        metavar="RATE",
        min=0.0001,
        max=0.5,
        help="False-discovery rate that the report holds; 0.05 when absent.",
    ),
]
Meaning = Annotated[
    Path | None,
    option(
        "--meaning",
        metavar="FOLDER",
        help="Model2Vec model that tells other words from another content beside findings about free text.",
    ),
]
Control = Annotated[
    str | None,
    option(
        "--control",
        metavar="RUN",
        help="A repeat of the baseline: drift has to exceed the spread between the two. Its newest one "
        "(`drift run --control`) when absent.",
    ),
]

SuiteName = Annotated[
    str | None,
    option(
        "-s", "--suite", metavar="NAME|PATH", help="Suite of probes; smoke when absent. See `drift probes`."
    ),
]
ProbeIds = Annotated[
    list[str] | None, option("--probe", metavar="ID", help="Only this probe or template. Repeatable.")
]
Families = Annotated[
    list[str] | None, option("--family", metavar="NAME", help="Only this family. Repeatable.")
]
Tags = Annotated[
    list[str] | None, option("--tag", metavar="WORD", help="Only probes with this tag. Repeatable.")
]

Epochs = Annotated[
    int | None,
    option(
        "-n", "--epochs", metavar="N", min=1, help="Ask every probe N times; as the probe says when absent."
    ),
]
Concurrency = Annotated[
    int | None,
    option("-j", "--concurrency", metavar="N", min=1, max=64, help="Samples asked at a time; 8 when absent."),
]
MaxCost = Annotated[
    float | None,
    option(
        "--max-cost", metavar="USD", min=0, help="Stop before the run costs more; what was paid for is kept."
    ),
]
DryRun = Annotated[bool, option("--dry-run", help="Print calls, tokens and cost; send nothing.")]
BaseUrl = Annotated[
    str | None, option("--base-url", metavar="URL", help="Another host that speaks the platform's dialect.")
]

Dialect = Annotated[
    Literal["anthropic", "openai-chat", "openai-responses", "gemini"] | None,
    option(
        "--dialect",
        help="Where a platform speaks several: ask in this one whatever a probe leaves open. See docs/dialects.md.",
    ),
]
ApiVersion = Annotated[
    str | None,
    option(
        "--api-version",
        metavar="VERSION",
        help="Ask for this version of the API, such as 2023-06-01 or v1; the SDK's or drift's default when absent.",
    ),
]
Region = Annotated[
    str | None,
    option(
        "--region",
        metavar="NAME",
        help="Region of a cloud platform; the one of its own variables when absent.",
    ),
]


def form(json: bool, name: str | None = None, kind: str = "listing") -> str:
    """Return the name of the format on stdout, from --json and --format.

    Args:
        json: --json.
        name: --format.
        kind: of the document that will be shown; some formats show a few kinds only.

    Raises:
        UsageError: the two disagree, or such documents have no such format.
    """
    from drift.report import formats_for

    if json and name not in {None, "json"}:
        raise UsageError(f"--json and --format {name} disagree", "give one of them")
    known = [one.name for one in formats_for(kind)]
    if name is not None and name not in known:
        raise UsageError(f"there is no format {name!r}", f"choose from {', '.join(known)}")
    return "json" if json else name or "text"
