# The first steps: a project is set up, and the demo shows what drift does.
# Owns: the commands `init` and `demo`. Refuses to know: how a model is probed.
"""`drift init` and `drift demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from drift.cli import options, output, session
from drift.errors import UsageError

_PLATFORMS = ("anthropic", "openai")
"""Platforms of pinned ids that can be probed by their name alone."""


class _File(NamedTuple):
    path: Path
    text: str


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="The project; this folder when absent.")
    ] = Path(),
    force: Annotated[bool, options.option("--force", help="Overwrite files that are there.")] = False,
    json: options.Json = False,
) -> None:
    """Set a project up: drift.yaml, a probe of your own, a nightly workflow. Overwrites nothing without --force.

    The models that the code pins are found by the shapes of the vendors' ids and become the targets.

    \b
    drift init
    drift init path/to/project
    """
    from drift.scan import pinned_models

    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "name the folder of a project")
    pinned = pinned_models(folder)
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
    targets = [f"  - {spec}  # {places[0]}" for spec, places in pinned.items() if spec.startswith(_PLATFORMS)]
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
