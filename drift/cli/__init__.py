# The command line: one app, one place where an error becomes a line on stderr and an exit code.
# Owns: the list of commands, exit codes at the boundary. Refuses to know: how any command does its work.
"""The `drift` command line. `main(argv)` returns the exit code; nothing here calls `sys.exit`."""

import os
from inspect import get_annotations
from typing import Annotated

import typer

from drift.cli import (
    agree,
    api,
    catalogue,
    judge,
    models,
    output,
    params,
    plan,
    probe,
    records,
    scan,
    start,
    watch,
)
from drift.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_UNDECIDED, EXIT_USAGE, DriftError

app = typer.Typer(
    name="drift",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    invoke_without_command=True,
    epilog="Every option --like-this is also read from DRIFT_LIKE_THIS. Order: flag, environment, "
    "drift.yaml, default. Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage or configuration, "
    "3 not measured or decided, 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from drift import __version__

        output.out(f"drift {__version__}")
        raise typer.Exit


# Eager: it answers before the other flags are read, which would load typer's validator.
Version = Annotated[
    bool,
    typer.Option(
        "--version", help="Print the version.", show_default=False, is_eager=True, callback=_show_version
    ),
]


@app.callback()
def root(context: typer.Context, version: Version = False) -> int:  # noqa: ARG001 - its callback does the work
    """Drift shows what a new model version does to the software that calls it.

    It runs a fixed suite of probes against each version, keeps the raw replies, and reports what changed,
    with evidence.

    \b
    drift run anthropic/MODEL                  store a snapshot
    drift diff anthropic/OLD anthropic/NEW     compare two
    drift check                                the nightly gate
    drift demo                                 see it work: no key, no network
    """
    if context.invoked_subcommand is None:
        output.note(context.get_help())
        return EXIT_USAGE
    return EXIT_OK


app.command("demo")(start.demo)
app.command("init")(start.init)
app.command("run")(probe.run)
app.command("import")(records.import_files)
app.command("diff")(judge.diff)
app.command("check")(probe.check)
app.add_typer(agree.baseline, name="baseline")
app.command("ack")(agree.acknowledge)
app.command("history")(records.history)
app.command("monitor")(watch.monitor)
app.command("params")(params.params)
app.command("report")(judge.report)
app.command("explain")(judge.explain)
app.command("scan")(scan.scan)
app.command("plan")(plan.plan)
app.add_typer(catalogue.rules, name="rules")
app.add_typer(catalogue.probes, name="probes")
app.add_typer(api.api, name="api")
app.add_typer(models.models, name="models")
app.add_typer(records.database, name="db")


def _evaluate_annotations(commands: typer.Typer) -> None:
    """Evaluate annotations once: typer would do it four times for each command, before any of them runs."""
    for command in commands.registered_commands:
        if command.callback is not None:
            command.callback.__annotations__ = get_annotations(command.callback, eval_str=True)
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            _evaluate_annotations(group.typer_instance)


_evaluate_annotations(app)


def main(argv: list[str]) -> int:
    """Run a command line and return its exit code: 0, 1, 2, 3 or 130."""
    try:
        code: int = app(argv, prog_name="drift", standalone_mode=False) or EXIT_OK
    except typer.TyperException as error:
        code = _complain(_typed_wrong(error), EXIT_USAGE)
    except DriftError as error:
        code = _complain(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except SystemExit:
        code = EXIT_UNDECIDED  # typer leaves like this when the reader of a help page has gone
    except Exception as error:  # noqa: BLE001 - the boundary: nobody above could say anything more useful
        code = _complain(_bug(error), EXIT_UNDECIDED)
    output.flush()
    return code


def _complain(message: str, code: int) -> int:
    output.note(f"drift: error: {output.one_line(message)}")
    return code


def _typed_wrong(error: typer.TyperException) -> str:
    """Say what is wrong with the command line, and which page of help tells how it goes."""
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    context = getattr(error, "ctx", None)
    if context is None or message.endswith("?"):  # it names the word that was meant
        return message
    return f"{message}; see `{context.command_path} --help`"


def _bug(error: Exception) -> str:
    """Name an error that nobody foresaw. Its own text stays out: it may hold anything, also a key."""
    if os.environ.get("DRIFT_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    return (
        f"a fault in drift itself ({type(error).__name__}); set DRIFT_TRACEBACK=1 to see where, and report it"
    )
