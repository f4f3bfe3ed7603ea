# The probe suite: the packaged catalogue and the user's own templates, loaded strictly, selected by name.
# Owns: where templates lie, suites.yaml, selection. Refuses to know: how a probe is sent, stored or judged.
"""Load, select and validate probes.

A *template* is one YAML file and expands to one probe per case; a *suite* is a named selection of templates.
The format is that of docs/probes.md. Every mistake in a file is a `Problem` with file, line and field:
loading raises the first as a `ConfigError`, `validate` returns all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from drift.errors import UsageError
from drift.model import Probe, Suite
from drift.suite.fields import CHECKS, DIALECTS
from drift.suite.kept import keep
from drift.suite.nodes import Node, Problem, Sheet, display, raise_first, read
from drift.suite.templates import COSTS, WORD, Template, read_template
from drift.yamlfile import nearest

__all__ = [
    "CHECKS",
    "DIALECTS",
    "Problem",
    "Template",
    "calls",
    "list_suites",
    "list_templates",
    "load_suite",
    "select",
    "suite_path",
    "validate",
]

_SUITES_FILE = "suites.yaml"
_SELECTION = (
    "title", "all", "families", "templates", "probes", "tags", "costs", "without_tags", "without_costs", "epochs",
)  # fmt: skip


def suite_path() -> Path:
    """Return the folder of the packaged templates: `drift/_probes` in a wheel, `probes` in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_probes"
    return packaged if packaged.is_dir() else package.parent / "probes"


def list_templates(own: Path | None = None) -> tuple[Template, ...]:
    """Return every packaged template and those of the folder `own`, in order of their files.

    Raises:
        ConfigError: the first mistake in a file.
        UsageError: `own` is no folder.
    """
    return _catalogue(own).templates


def list_suites(own: Path | None = None) -> dict[str, str]:
    """Return the title of each named suite, by name; errors as in `list_templates`."""
    return {name: selection.title for name, selection in _catalogue(own).selections.items()}


def load_suite(name_or_path: str, *, own: Path | None = None) -> Suite:
    """Load a suite.

    Args:
        name_or_path: a suite of `probes/suites.yaml` or of `own/suites.yaml`; "own" for all of `own`; or
            the path of a template, of a folder of templates, or of a file with exactly one suite.
        own: folder with the user's own templates; they take part in every selection by name.

    Raises:
        ConfigError: the first mistake in a file; names file, line and field.
        UsageError: no such suite or file; names the near ones.
    """
    catalogue = _catalogue(own)
    if name_or_path in catalogue.selections:
        return catalogue.suite(name_or_path)
    path = Path(name_or_path)
    if not path.exists():
        todo = nearest(name_or_path, [*catalogue.selections])
        raise UsageError(f"no suite and no file is called {name_or_path!r}", todo)
    problems: list[Problem] = []
    if path.is_dir():
        templates = _read_folder(path, problems)
        _check_names(templates, (), problems, path)
        raise_first(problems)
        if not templates:
            raise UsageError(
                f"{display(path)} holds no template", "name another folder, or see docs/probes.md"
            )
        return Suite(path.resolve().name, tuple(probe for template in templates for probe in template.probes))
    template, selections = None, {}
    sheet = Sheet.read(path, problems)
    if sheet is not None and _holds_template(sheet):
        template = read_template(sheet, path.name)
    elif sheet is not None:
        selections = _read_selections(sheet, catalogue.templates)
    raise_first(problems)
    if template is not None:
        return Suite(template.name, template.probes)
    if len(selections) != 1:
        raise UsageError(
            f"{display(path)} holds {len(selections)} suites", "keep exactly one in a file of its own"
        )
    return _Catalogue(catalogue.templates, selections).suite(next(iter(selections)))


def select(
    suite: Suite, probes: Sequence[str] = (), families: Sequence[str] = (), tags: Sequence[str] = ()
) -> Suite:
    """Narrow a suite. Entries of one kind add up, different kinds narrow each other.

    Args:
        suite: what to choose from.
        probes: exact probe ids, exact template names, or a beginning that only one has (templates first).
        families: exact names of families.
        tags: exact tags.

    Raises:
        UsageError: an entry matches nothing or is ambiguous (names the near ones), or nothing is left.
    """
    chosen = list(suite.probes)
    if probes:
        wanted = {probe_id for entry in probes for probe_id in _resolve(entry, suite.probes)}
        chosen = [probe for probe in chosen if probe.id in wanted]
    of_family: Callable[[Probe], tuple[str, ...]] = lambda probe: (probe.family,)  # noqa: E731 a table's entry
    of_tags: Callable[[Probe], tuple[str, ...]] = lambda probe: probe.tags  # noqa: E731 a table's entry
    for what, entries, names_of in (("family", families, of_family), ("tag", tags, of_tags)):
        known = {name for probe in suite.probes for name in names_of(probe)}
        for entry in entries:
            if entry not in known:
                raise UsageError(
                    f"no {what} of suite {suite.name!r} is called {entry!r}",
                    nearest(entry, sorted(known)) if known else "leave it out",
                )
        if entries:
            chosen = [probe for probe in chosen if not set(entries).isdisjoint(names_of(probe))]
    if not chosen:
        raise UsageError(f"no probe of suite {suite.name!r} fits all filters at once", "give fewer of them")
    return Suite(suite.name, tuple(chosen))


def calls(probes: Iterable[Probe], dialect: str | None = None) -> int:
    """Return how many requests one run of the probes sends: exchanges times epochs (of one dialect)."""
    return sum(
        len(probe.exchanges) * probe.epochs
        for probe in probes
        if dialect is None or not probe.dialects or dialect in probe.dialects
    )


def validate(path: Path | None = None) -> list[Problem]:
    """Return every mistake, sorted by file and line; [] when all is well.

    Args:
        path: a template, a file of suites, or a folder of them; the packaged folder when None. What stands
            outside the packaged folder is checked together with it, so that a name is used once.

    Raises:
        UsageError: there is no such file.
    """
    root = suite_path() if path is None else path
    if not root.exists():
        raise UsageError(f"there is no file {root}", "name a template, a file of suites or a folder of them")
    problems: list[Problem] = []
    # Mistakes elsewhere are not asked for, so the packaged templates give their names without complaining.
    elsewhere = [
        template
        for template in _shipped()[0]
        if not (suite_path() / template.file).resolve().is_relative_to(root.resolve())
    ]
    listing: Path | None
    if root.is_dir():
        templates, folder, listing = _read_folder(root, problems), root, root / _SUITES_FILE
    else:
        sheet = Sheet.read(root, problems)
        is_template = sheet is not None and _holds_template(sheet)
        template = read_template(sheet, root.name) if sheet and is_template else None
        templates, folder = (template,) if template else (), root.parent
        listing = None if is_template else root
    _check_names(templates, elsewhere, problems, folder)
    # A broken template would have given names: what refers to them is no second mistake.
    if listing is not None and listing.is_file() and not problems:
        sheet = Sheet.read(listing, problems)
        if sheet is not None:
            _read_selections(sheet, (*elsewhere, *templates))
    return sorted(set(problems))


# ---------------------------------------------------------------- the catalogue


@dataclass(frozen=True, slots=True)
class _Selection:
    """What one suite picks out of the catalogue; see docs/probes.md."""

    title: str
    everything: bool = False
    families: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    without_costs: tuple[str, ...] = ()
    epochs: int | None = None

    def wants(self, probe: Probe) -> bool:
        if not set(probe.tags).isdisjoint(self.without_tags) or probe.cost in self.without_costs:
            return False
        return (
            self.everything
            or probe.family in self.families
            or probe.template in self.templates
            or probe.id in self.probes
            or probe.cost in self.costs
            or not set(probe.tags).isdisjoint(self.tags)
        )


@dataclass(frozen=True, slots=True)
class _Catalogue:
    templates: tuple[Template, ...]
    selections: Mapping[str, _Selection]

    def suite(self, name: str) -> Suite:
        selection = self.selections[name]
        picked = [probe for template in self.templates for probe in template.probes if selection.wants(probe)]
        if selection.epochs is not None:
            picked = [replace(probe, epochs=selection.epochs) for probe in picked]
        return Suite(name, tuple(picked))


def _catalogue(own: Path | None) -> _Catalogue:
    packaged = _packaged()
    if own is None:
        return packaged
    if not own.is_dir():
        raise UsageError(f"there is no folder {own}", "make it, or take it out of the settings")
    problems: list[Problem] = []
    templates = _read_folder(own, problems)
    _check_names(templates, packaged.templates, problems, own)
    raise_first(problems)
    everything = (*packaged.templates, *templates)
    names = tuple(template.name for template in templates)
    selections = {"own": _Selection("The project's own probes", templates=names), **packaged.selections}
    selections |= _read_listing(own / _SUITES_FILE, everything)
    return _Catalogue(everything, selections)


def _packaged() -> _Catalogue:
    templates, problems = _shipped()
    raise_first(problems)
    return _Catalogue(templates, _read_listing(suite_path() / _SUITES_FILE, templates))


@lru_cache(maxsize=1)
def _shipped() -> tuple[tuple[Template, ...], list[Problem]]:
    """Read the packaged templates once; those with a mistake are missing, and the mistakes come with them."""
    problems: list[Problem] = []
    found: tuple[Template, ...] = ()

    def read_all() -> tuple[Template, ...] | None:
        nonlocal found
        # Whoever changes a packaged template runs `validate`, as the tests do; users need not wait for its schemas.
        found = _read_folder(suite_path(), problems, check_schemas=False)
        _check_names(found, (), problems, suite_path())
        return None if problems else found

    return keep(_files(suite_path()), read_all) or found, problems


def _files(root: Path) -> list[Path]:
    """Return the files of the templates of a folder, in the order of their names."""
    files = []
    for path in sorted(root.rglob("*.y*ml"), key=lambda path: path.relative_to(root).as_posix()):
        place = path.relative_to(root)
        hidden = any(part.startswith((".", "_")) for part in place.parts)
        # A checkout's own probes/own belongs to whoever works there, not to the package.
        foreign = place.parts[0] == "own" and root.resolve() == suite_path().resolve()
        if not hidden and not foreign and place.as_posix() != _SUITES_FILE and path.is_file():
            files.append(path)
    return files


def _read_folder(root: Path, problems: list[Problem], *, check_schemas: bool = True) -> tuple[Template, ...]:
    templates = []
    for path in _files(root):
        sheet = Sheet.read(path, problems, check_schemas=check_schemas)
        template = read_template(sheet, path.relative_to(root).as_posix()) if sheet else None
        if template is not None:
            templates.append(template)
    return tuple(templates)


def _holds_template(sheet: Sheet) -> bool:
    """Whether a file is a template and not a file of suites: decided by its keys."""
    data = sheet.file.data
    return not isinstance(data, dict) or not {"name", "family", "cases"}.isdisjoint(data)


def _check_names(
    templates: Iterable[Template], packaged: Iterable[Template], problems: list[Problem], root: Path
) -> None:
    first = {template.name: f"the packaged {template.file}" for template in packaged}
    for template in templates:
        if template.name in first:
            path = root / template.file
            what = f"the template {template.name!r} stands in {first[template.name]} already"
            sheet = Sheet.read(path, [])
            line = sheet.root.fields(None)["name"].line if sheet else 1
            problems.append(Problem(display(path), line, "name", what, "give it another name"))
        first.setdefault(template.name, template.file)


def _read_listing(path: Path, templates: Sequence[Template]) -> dict[str, _Selection]:
    """Read a file of suites; {} when it does not exist, the first mistake raised."""
    if not path.is_file():
        return {}
    problems: list[Problem] = []
    sheet = Sheet.read(path, problems)
    selections = _read_selections(sheet, templates) if sheet else {}
    raise_first(problems)
    return selections


def _read_selections(sheet: Sheet, templates: Sequence[Template]) -> dict[str, _Selection]:
    probes = [probe for template in templates for probe in template.probes]
    known = {
        "families": {probe.family for probe in probes},
        "templates": {template.name for template in templates},
        "probes": {probe.id for probe in probes},
        "tags": {tag for probe in probes for tag in probe.tags},
        "costs": {*COSTS},
        "without_tags": {tag for probe in probes for tag in probe.tags},
        "without_costs": {*COSTS},
    }
    selections = {}
    for name, node in sheet.root.fields(None).items():
        if not WORD.fullmatch(name):
            node.problem(f"{name!r} is no name of a suite", "write lower-case letters, digits and _")
        fields = node.fields(_SELECTION, required=("title",))
        picks = {}
        for key, allowed in known.items():
            entries = read(fields, key, Node.items, [])
            for entry in entries:
                if entry.text() and entry.value not in allowed:
                    entry.problem(f"{entry.value!r} matches nothing", nearest(entry.value, sorted(allowed)))
            picks[key] = tuple(entry.text() for entry in entries)
        selections[name] = _Selection(
            title=read(fields, "title", Node.text, ""),
            everything=read(fields, "all", Node.flag, default=False),
            epochs=read(fields, "epochs", Node.count, None),
            **picks,
        )
        if fields and not any(map(selections[name].wants, probes)):
            node.problem("selects no probe", f"give at least one of {', '.join(_SELECTION[1:7])}")
    return selections


# ---------------------------------------------------------------- selection by name


def _resolve(entry: str, probes: Sequence[Probe]) -> list[str]:
    """Return the ids of the probes that one entry means."""
    by_template: dict[str, list[str]] = {}
    for probe in probes:
        by_template.setdefault(probe.template, []).append(probe.id)
    by_id = {probe.id: [probe.id] for probe in probes}
    for known in (by_id, by_template):
        if entry in known:
            return known[entry]
    for known in (by_template, by_id):
        fitting = [name for name in known if entry and name.startswith(entry)]
        if len(fitting) == 1:
            return known[fitting[0]]
        if fitting:
            some = ", ".join(fitting[:8]) + (", …" if len(fitting) > 8 else "")
            raise UsageError(f"{entry!r} is the beginning of several names: {some}", "write one in full")
    raise UsageError(
        f"no probe and no template is called {entry!r}",
        nearest(entry, [*sorted(by_template), *sorted(by_id)]),
    )
