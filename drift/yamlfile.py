# YAML files that people write, with the line of every value, so that an error can point at it.
# Owns: ruamel.yaml, strictness (one document, no key twice, no tags), comments that survive an edit; and, for files
# of other people, their bare events without any strictness.
# Refuses to know: what a file means.
"""Read and edit YAML files.

The format is YAML 1.2 as ruamel.yaml reads it. What JSON cannot say (tags, sets) is refused, except dates.
`scan_yaml` reads files that are nobody's of ours, and builds nothing from them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from drift.caches import keep
from drift.errors import ConfigError
from drift.files import replacing

_MAX_VALUES = 200_000  # aliases multiply: a small file must not become a large one


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file as plain values and their places.

    Attributes:
        name: how the file is named in messages.
        data: a JSON value, or a `datetime.date` in one; None for an empty file.
        lines: line (from 1) of each value, by its path of keys and indices.
    """

    name: str
    data: Any
    lines: Mapping[tuple[str | int, ...], int]

    def where(self, *path: str | int) -> str:
        """Return "file:line" of a value, or of the nearest one around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return f"{self.name}:{self.lines[path[:length]]}"
        return f"{self.name}:1"

    def error(self, what: str, todo: str = "", *, at: Sequence[str | int] = ()) -> ConfigError:
        """Build the error that points at a value."""
        return ConfigError(what, todo, where=self.where(*at))

    def check_keys(self, value: Any, known: Sequence[str], *, at: Sequence[str | int] = ()) -> None:
        """Refuse a value that is no mapping or has a key that nobody reads; name the nearest known key."""
        if not isinstance(value, dict):
            raise self.error(
                f"expected a mapping, found {kind(value)}", f"write one of {', '.join(known)}", at=at
            )
        for key in value:
            if key not in known:
                raise self.error(f"unknown key {key!r}", nearest(key, known), at=(*at, key))


def kind(value: Any) -> str:
    """Name the kind of a value as people who write YAML call it."""
    names = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a whole number"}
    names |= {float: "a number", dt.date: "a date", type(None): "nothing"}
    return names[type(value)]


_MOST_LISTED = 30


def nearest(word: str, known: Sequence[str]) -> str:
    """Return what to do about an unknown word: the nearest known one, or all of them, or the first of very many."""
    import difflib

    close = difflib.get_close_matches(word, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    more = f", … ({len(known)} in all)" if len(known) > _MOST_LISTED else ""
    return f"known: {', '.join(known[:_MOST_LISTED])}{more}"


def read_yaml(path: Path, *, name: str | None = None) -> YamlFile:
    """Read one YAML file.

    Args:
        path: the file.
        name: how messages call it; the path as given when None.

    Raises:
        ConfigError: unreadable, not UTF-8, not YAML, several documents, a key twice, a tag, too large.
    """
    name = str(path) if name is None else name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            f"cannot be read ({error.strerror})", "name a file that exists", where=name
        ) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", "save it as UTF-8", where=name) from None
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        data = _plain(_load(text, name), (), lines, name)
    except RecursionError:
        raise ConfigError("values are nested too deeply", "write it flat", where=name) from None
    return YamlFile(name=name, data=data, lines=lines)


def read_packaged_yaml(path: Path) -> YamlFile:
    """Read a file that comes with the package; it is parsed once, and kept in the cache folder until it changes.

    Parsing takes longer than all else that a command does before its work.

    Raises:
        ConfigError: as `read_yaml`, which names the file without its folder.
    """
    return keep(
        path.stem,
        (path, Path(__file__)),
        lambda: read_yaml(path, name=path.name),
        dump=lambda file: json.dumps([file.name, file.data, list(file.lines.items())], default=_date_as_json),
        load=_from_json,
    )


_DATE = "!date"


def _date_as_json(value: dt.date) -> dict[str, str]:
    return {_DATE: value.isoformat()}


def _from_json(text: bytes) -> YamlFile:
    def hook(value: dict[str, Any]) -> Any:
        return dt.date.fromisoformat(value[_DATE]) if value.keys() == {_DATE} else value

    name, data, lines = json.loads(text, object_hook=hook)
    return YamlFile(name, data, {tuple(place): line for place, line in lines})


def put_entry(path: Path, entry: Mapping[str, Any], *, keys: Sequence[str], header: str) -> None:
    """Put an entry into a file that is a list of mappings.

    It replaces the entry with the same values at `keys`, else it goes to the end. Comments and other entries
    stay. The file is replaced in one step, and made with `header` as its comment when it is not there.

    Raises:
        ConfigError: the file is there and is no list of mappings.
    """
    from ruamel.yaml.comments import CommentedSeq

    document: Any = CommentedSeq()
    document.yaml_set_start_comment(header)
    if path.exists():
        read = read_yaml(path)
        if read.data is not None:
            if not isinstance(read.data, list) or not all(isinstance(item, dict) for item in read.data):
                raise read.error("expected a list of entries", "mend it by hand or restore it")
            document = _load(path.read_text(encoding="utf-8-sig"), str(path))
    for present in document:
        if all(present.get(key) == entry.get(key) for key in keys):
            # In place: a comment above the next entry hangs on this one's last key.
            for key in [key for key in present if key not in entry]:
                del present[key]
            present.update(entry)
            break
    else:
        document.append(dict(entry))
    with replacing(path) as fresh, fresh.open("w", encoding="utf-8", newline="\n") as file:
        _yaml().dump(document, file)


class YamlEvent(NamedTuple):
    """One step through a YAML file.

    Attributes:
        kind: a mapping or a list begins or the innermost one ends, an alias or a scalar stands there.
        text: of a scalar.
        style: quotes or block sign of a scalar; "" for a plain one.
        line, column: where it begins, from 1.
    """

    kind: Literal["mapping", "list", "end", "alias", "scalar"]
    text: str = ""
    style: str = ""
    line: int = 0
    column: int = 0


def scan_yaml(text: str) -> Iterator[YamlEvent]:
    """Yield the events of any number of documents: aliases are not expanded, and tags mean nothing.

    Raises:
        ValueError: no YAML that can be parsed; what came until then was yielded.
    """
    from ruamel.yaml import YAML, events
    from ruamel.yaml.error import YAMLError

    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, events.ScalarEvent):
                mark = event.start_mark
                yield YamlEvent("scalar", event.value, event.style or "", mark.line + 1, mark.column + 1)
            elif isinstance(event, events.MappingStartEvent):
                yield YamlEvent("mapping")
            elif isinstance(event, events.SequenceStartEvent):
                yield YamlEvent("list")
            elif isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
                yield YamlEvent("end")
            elif isinstance(event, events.AliasEvent):
                yield YamlEvent("alias")
    except (YAMLError, RecursionError) as error:
        raise ValueError("no YAML") from error


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.width = 120
    yaml.indent(mapping=2, sequence=2, offset=0)
    return yaml


def _load(text: str, name: str) -> Any:
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = name if mark is None else f"{name}:{mark.line + 1}"
        raise ConfigError(
            f"not YAML that drift reads: {error.problem or error.context}", "mend that line", where=where
        ) from None
    except (YAMLError, ValueError) as error:
        what = " ".join(str(error).split())[:200]
        raise ConfigError(f"not YAML that drift reads: {what}", "mend the file", where=name) from None


def _plain(
    value: Any, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], name: str
) -> Any:
    """Turn ruamel's objects into plain ones and note the line of each."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if len(lines) > _MAX_VALUES:
        raise ConfigError("holds too many values", "write it without aliases", where=name)
    where = f"{name}:{lines.get(path, 1)}"
    if getattr(getattr(value, "tag", None), "value", None) is not None:
        raise ConfigError(f"a tag ({value.tag.value}) is not allowed", "write the plain value", where=where)
    if isinstance(value, CommentedMap):
        plain: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise ConfigError(f"the key {key!r} is not text", "put it in quotes", where=where)
            # A key that came through a merge (`<<`) has no place of its own.
            own = key in (value.lc.data or {})
            lines[*path, key] = value.lc.key(key)[0] + 1 if own else lines.get(path, 1)
            plain[str(key)] = _plain(item, (*path, str(key)), lines, name)
        return plain
    if isinstance(value, CommentedSeq):
        for index in range(len(value)):
            lines[*path, index] = value.lc.item(index)[0] + 1
        return [_plain(item, (*path, index), lines, name) for index, item in enumerate(value)]
    for plain_type in (bool, int, float, str):
        if isinstance(value, plain_type):
            return plain_type(value)
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, dt.date):
        return value
    raise ConfigError(
        f"a value of type {type(value).__name__} is not allowed", "write plain text or a number", where=where
    )
