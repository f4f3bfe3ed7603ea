# Which parameters of a project's requests are refused: by the model asked, by the one to move to, by an API version.
# Owns: drift/data/parameters.yaml and its keys. Refuses to know: how a request was found, formats.
"""Parameters that are refused now, or after the next move."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from drift.events import DocumentedEvent, load_events
from drift.ids import ModelId, fits
from drift.model import JSON
from drift.scan import Found, RequestUse
from drift.scan.found import Parameter
from drift.scan.pins import NEWEST_API, Ecosystem
from drift.yamlfile import YamlFile, nearest, read_packaged_yaml

TABLE = Path(__file__).resolve().parent.parent / "data" / "parameters.yaml"
"""The packaged table."""

By = Literal["model", "replacement", "api_version"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table.

    Attributes:
        parameters: names on the wire.
        events: documented events that brought the refusal; they name the models or the API version.
        instead: what to do.
        when: part of the value that is refused ({"type": "enabled"}); None = any value.
        values: values that are refused; empty = any.
        unless: values that are taken all the same.
        with_: parameters that have to stand beside it.
        without: parameters that may not.
        apis: APIs that refuse, "unknown" among them where the code need not tell; empty = all.
        except_: patterns of ids that take it although the events' patterns fit.
    """

    parameters: tuple[str, ...]
    events: tuple[DocumentedEvent, ...]
    instead: str
    when: Mapping[str, JSON] | None = None
    values: tuple[JSON, ...] = ()
    unless: tuple[JSON, ...] = ()
    with_: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Who refuses.

    Attributes:
        by: the model that the code asks, the one to move to, or an API version.
        subject: its id, or the version.
        is_now: it refuses today, as far as the code tells; else after the move.
        event: the documented event.
        beside: it refuses the parameter only beside these.
    """

    by: By
    subject: str
    is_now: bool
    event: DocumentedEvent
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A parameter that is refused, at its place in the code.

    Attributes:
        file, parameter: the place.
        name: of the parameter, on the wire.
        model: that the request asks.
        reasons: who refuses it, and when.
        instead: what to do.
        unless: values that are taken all the same.
        when: the part of the value that is refused; None = its whole.
        is_certain: it hangs neither on a value that only the run knows, nor on an API that the code does not name.
    """

    file: str
    parameter: Parameter
    name: str
    model: ModelId | None
    reasons: tuple[Reason, ...]
    instead: str
    unless: tuple[JSON, ...] = ()
    when: Mapping[str, JSON] | None = None
    is_certain: bool = True

    @property
    def is_now(self) -> bool:
        """Whether the request fails today, as far as the code tells."""
        return any(reason.is_now for reason in self.reasons)


_ENDINGS: Mapping[Ecosystem, str] = {
    "pypi": "py ipynb",
    "npm": "js jsx mjs cjs ts tsx mts vue svelte astro",
    "go": "go",
    "maven": "java kt scala groovy",
    "nuget": "cs",
    "rubygems": "rb",
    "packagist": "php",
}
_ECOSYSTEMS = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
"""Ending of a file → where its SDKs are published."""


def refusals(found: Found, move_to: Mapping[ModelId, ModelId | None]) -> Iterator[Refusal]:
    """Yield the parameters that are refused, one entry a place and model.

    Args:
        found: what a project uses.
        move_to: model → the one that replaces it, when that is known.
    """
    newest = {pin.ecosystem for pin in found.pins if pin.api_version == NEWEST_API}
    named = any(version.value == NEWEST_API for version in found.api_versions)
    seen: set[tuple[Any, ...]] = set()
    # Where one of two readings of a request tells the model, the other adds nothing.
    for use in sorted(found.requests, key=lambda one: one.model is None):
        sends_newest = named or _ECOSYSTEMS.get(use.file.rpartition(".")[2]) in newest
        given = {_wire(one.name): one for one in use.request.parameters}
        for name, parameter in given.items():
            place = (use.file, parameter.line, parameter.column, name)
            rows = [
                (row, reasons)
                for row in load_rows()
                if name in row.parameters and _fits(row, parameter, given, use)
                if (reasons := tuple(_reasons(row, use, move_to, sends_newest=sends_newest)))
            ]
            if not rows or (*place, use.model) in seen or (use.model is None and place in seen):
                continue
            seen |= {place, (*place, use.model)}
            # What refuses today says what to do.
            rows.sort(key=lambda pair: not any(reason.is_now for reason in pair[1]))
            first = rows[0][0]
            every = tuple(reason for _, reasons in rows for reason in reasons)
            is_certain = (parameter.is_known or not first.unless) and bool(use.request.api or not first.apis)
            yield Refusal(
                use.file,
                parameter,
                name,
                use.model,
                every,
                first.instead,
                first.unless,
                first.when,
                is_certain,
            )


def _wire(name: str) -> str:
    """Return the name of a parameter on the wire: `topP`, `WithTopP` and `:top_p` are `top_p`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return re.sub(r"^(?:with|set)_", "", snake)


def _fits(row: Row, parameter: Parameter, given: Mapping[str, Parameter], use: RequestUse) -> bool:
    if row.apis and (use.request.api or "unknown") not in row.apis:
        return False
    if not set(row.with_) <= given.keys() or set(row.without) & given.keys():
        return False
    if parameter.is_known and (parameter.value is None or parameter.value in row.unless):
        return False
    if row.values and not (parameter.is_known and parameter.value in row.values):
        return False
    if row.when is None:
        return True
    value = parameter.value if parameter.is_known else None
    return isinstance(value, Mapping) and all(value.get(key) == part for key, part in row.when.items())


def _reasons(
    row: Row, use: RequestUse, move_to: Mapping[ModelId, ModelId | None], *, sends_newest: bool
) -> Iterator[Reason]:
    asks = use.model
    for event in row.events:
        if event.api_version is not None:
            # Bedrock and Vertex have version headers of their own.
            if use.request.api in {"", event.vendor} and (
                asks.platform == event.vendor if asks is not None else use.request.api == event.vendor
            ):
                yield Reason("api_version", event.api_version, sends_newest, event)
            continue
        if asks is None:
            continue
        if _refuses(row, event, asks):
            yield Reason("model", asks.model, is_now=True, event=event, beside=row.with_)
        elif (successor := move_to.get(asks)) is not None and _refuses(row, event, successor):
            yield Reason("replacement", successor.model, is_now=False, event=event, beside=row.with_)


def _refuses(row: Row, event: DocumentedEvent, model: ModelId) -> bool:
    name = model.vendor_model
    return (
        model.vendor == event.vendor
        and any(fits(name, pattern) for pattern in event.models)
        and not any(fits(name, pattern) for pattern in row.except_)
    )


# ---------------------------------------------------------------- the table

_KEYS = ("parameters", "events", "instead", "when", "values", "unless", "with", "without", "apis", "except")


@lru_cache(maxsize=1)
def load_rows() -> tuple[Row, ...]:
    """Read the packaged table.

    Raises:
        ConfigError: names file, line and key.
    """
    file = read_packaged_yaml(TABLE)
    known = {event.id: event for event in load_events()}
    return tuple(_row(file, number, known) for number in range(len(file.data)))


def _row(file: YamlFile, number: int, known: Mapping[str, DocumentedEvent]) -> Row:
    data: Mapping[str, Any] = file.data[number]
    file.check_keys(data, _KEYS, at=(number,))
    for event in data["events"]:
        if event not in known:
            raise file.error(
                f"there is no event {event!r}", nearest(event, sorted(known)), at=(number, "events")
            )
    texts: dict[str, Sequence[str]] = {
        key: data.get(key, ()) for key in ("with", "without", "apis", "except")
    }
    return Row(
        tuple(data["parameters"]),
        tuple(known[event] for event in data["events"]),
        data["instead"],
        data.get("when"),
        tuple(data.get("values", ())),
        tuple(data.get("unless", ())),
        tuple(texts["with"]),
        tuple(texts["without"]),
        tuple(texts["apis"]),
        tuple(texts["except"]),
    )
