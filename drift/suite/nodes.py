# A YAML value together with its place, read kind by kind; mistakes are collected with file, line and field.
# Owns: the wording of what is wrong with one value. Refuses to know: what a template or a suite consists of.
"""Typed reading of YAML values. No reader raises: each notes a `Problem` and returns a harmless value."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from drift.errors import ConfigError
from drift.model import JSON
from drift.validation import faults_of
from drift.yamlfile import YamlFile, kind, nearest, read_yaml

T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a file of templates or suites.

    Attributes:
        file: the file as messages name it.
        line: line of the value, from 1.
        field: dotted path of the value, such as "cases.refund.expect.labels"; "" for the whole file.
        what: what is wrong.
        todo: what to do; may be empty.
    """

    file: str
    line: int
    field: str
    what: str
    todo: str = ""

    def error(self, *, more: int = 0) -> ConfigError:
        """Return the problem as an exception; `more` is the number of further problems."""
        todo = self.todo
        if more:
            todo = f"{todo}{' ' if todo else ''}({more} more; `drift probes validate` lists them)"
        what = f"{self.field}: {self.what}" if self.field else self.what
        return ConfigError(what, todo, where=f"{self.file}:{self.line}")

    def __str__(self) -> str:
        return str(self.error())


def raise_first(problems: list[Problem]) -> None:
    """Raise the first of the problems, if there is one, as a `ConfigError`."""
    found = sorted(set(problems))
    if found:
        raise found[0].error(more=len(found) - 1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One YAML file under inspection, with the list that its problems go to.

    Attributes:
        check_schemas: whether JSON Schemas are checked too, which costs a fifth of the time.
    """

    file: YamlFile
    problems: list[Problem]
    check_schemas: bool = True

    @classmethod
    def read(cls, path: Path, problems: list[Problem], *, check_schemas: bool = True) -> Sheet | None:
        """Read a file; None and a problem when it is no YAML."""
        try:
            return cls(read_yaml(path, name=display(path)), problems, check_schemas)
        except ConfigError as error:
            file, _, line = error.where.rpartition(":")
            if not (file and line.isdecimal()):
                file, line = error.where, "1"
            what = error.what.removeprefix(f"{error.where}: ")
            problems.append(Problem(file, int(line), "", what, error.todo))
            return None

    @property
    def root(self) -> Node:
        """The whole file."""
        return Node(self, (), self.file.data)


def display(path: Path) -> str:
    """Name a file the short way when it lies below the working directory."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place."""

    sheet: Sheet
    path: tuple[str | int, ...]
    value: Any

    @property
    def line(self) -> int:
        """Line of the value, from 1."""
        return int(self.sheet.file.where(*self.path).rpartition(":")[2])

    def problem(self, what: str, todo: str = "") -> None:
        """Note a mistake in this value."""
        name = ".".join(map(str, self.path))
        self.sheet.problems.append(Problem(self.sheet.file.name, self.line, name, what, todo))

    def fields(self, known: Sequence[str] | None, *, required: Sequence[str] = ()) -> dict[str, Node]:
        """Return the nodes of a mapping whose keys are all known (`None`: any key is)."""
        if not isinstance(self.value, dict):
            todo = f"known keys: {', '.join(known)}" if known else "write `name: value` lines"
            self.problem(f"must be a mapping, not {kind(self.value)}", todo)
            return {}
        nodes = {key: Node(self.sheet, (*self.path, key), value) for key, value in self.value.items()}
        for key, node in nodes.items():
            if known is not None and key not in known:
                node.problem(f"unknown key {key!r}", nearest(key, known))
        for key in required:
            if key not in nodes or nodes[key].value is None:
                self.problem(f"the key {key!r} is missing or empty", "write a value")
        return {key: node for key, node in nodes.items() if known is None or key in known}

    def items(self) -> list[Node]:
        """Return the nodes of a list."""
        if not isinstance(self.value, list):
            self.problem(f"must be a list, not {kind(self.value)}", "write [a, b] or one `- item` line each")
            return []
        return [Node(self.sheet, (*self.path, index), value) for index, value in enumerate(self.value)]

    def text(self, *, empty: bool = False) -> str:
        """Return a text; `empty` allows none."""
        if not isinstance(self.value, str):
            self.problem(f"must be text, not {kind(self.value)}", "put it in quotes")
            return ""
        if not self.value.strip() and not empty:
            self.problem("must not be empty", "write some text or leave the key out")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def date(self) -> str:
        """Return a text, or a YAML date as its ISO text."""
        return self.value.isoformat() if isinstance(self.value, dt.date) else self.text()

    def count(self) -> int:
        """Return a whole number from 1."""
        if type(self.value) is not int or self.value < 1:
            self.problem(f"must be a whole number from 1, not {self.value!r}")
            return 1
        return self.value

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.problem(f"must be true or false, not {kind(self.value)}")
        return self.value is True

    def true(self) -> bool:
        """Return true: a constraint is on or left out."""
        if self.value is not True:
            self.problem(f"must be true, not {self.value!r}", "leave the key out to switch it off")
        return True

    def word(self, pattern: re.Pattern[str], example: str) -> str:
        """Return a text of a certain form."""
        text = self.text()
        if text and not pattern.fullmatch(text):
            self.problem(f"{text!r} is not allowed here", f"write it like {example}")
        return text

    def one_of(self, allowed: Sequence[str]) -> str:
        """Return one of some texts."""
        text = self.text()
        if text and text not in allowed:
            self.problem(f"unknown value {text!r}", nearest(text, allowed))
        return text if text in allowed else allowed[0]

    def some_of(self, allowed: Sequence[str]) -> tuple[str, ...]:
        """Return a list of some of the texts."""
        return tuple(item.one_of(allowed) for item in self.items())

    def regex(self) -> str:
        """Return a regular expression of Python's `re`."""
        text = self.text()
        try:
            re.compile(text)
        except re.error as error:
            self.problem(f"is no regular expression: {error}", "mend it; the syntax is that of Python's `re`")
        return text

    def json(self) -> JSON:
        """Return the value when JSON can say it: no dates, no infinity."""
        for value in _leaves(self.value):
            if isinstance(value, dt.date):
                self.problem(f"holds a date ({value}), which JSON has not", "put it in quotes")
            elif isinstance(value, float) and not math.isfinite(value):
                self.problem(f"holds {value}, which JSON has not", "write a finite number")
        return self.value

    def schema(self, shared: Mapping[str, JSON]) -> JSON:
        """Return a JSON Schema: one of the `shared` ones by name, or the mapping itself."""
        if isinstance(self.value, str):
            if self.value not in shared:
                todo = (
                    nearest(self.value, [*shared]) if shared else "write it below `schemas` of the template"
                )
                self.problem(f"no schema is called {self.value!r}", todo)
            return shared.get(self.value)
        if self.fields(None) and self.sheet.check_schemas:
            for complaint in faults_of(self.json()):
                self.problem(complaint, "see https://json-schema.org")
        return self.value


def read(fields: Mapping[str, Node], key: str, reader: Callable[[Node], T], default: D) -> T | D:
    """Read an optional field; a key without a value counts as absent."""
    node = fields.get(key)
    return default if node is None or node.value is None else reader(node)


def _leaves(value: JSON) -> Iterator[JSON]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value
