# Settings: drift.yaml, strictly read, and the values that stand when nobody says otherwise.
# Owns: the keys of drift.yaml, their checks and defaults, target specs.
# Refuses to know: the command line, what a setting is used for.
"""Settings of one project.

The order is flag > environment > drift.yaml > default: `read_config` gives the last two, `Config.override`
lays the first two over them. Paths in a file are relative to the file.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self, get_args

from drift.errors import ConfigError, UsageError
from drift.model import DIALECTS, JSON, LEVELS, PROFILES, Level, Profile, Target
from drift.yamlfile import YamlFile, kind, nearest, read_yaml

FILE_NAME = "drift.yaml"
DEFAULT_SUITE = "smoke"

FailOn = Literal["never", "info", "warning", "breaking"]
"""The mildest level that fails the gate."""

_KEYS = (
    "targets",
    "suite",
    "suite_hash",
    "own_probes",
    "epochs",
    "concurrency",
    "max_cost",
    "fail_on",
    "profile",
    "fdr",
    "levels",
    "min_effects",
    "database",
    "baselines",
    "acknowledged",
    "lifecycle",
    "api_packages",
    "api_words",
    "meaning",
)
_TARGET_KEYS = ("spec", "base_url", "api_version", "dialect", "region", "params", "price")
_PRICE_KEYS = ("input", "output")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings with their defaults.

    Attributes:
        path: the file that was read, or None.
        targets: what `check` probes when no target is named.
        prices: spec of a target → US dollars for a million tokens in and out, where its entry states a price.
        suite: name of a suite, or a path; None = `DEFAULT_SUITE`, or that of the baseline.
        suite_hash: first characters (8 or more) of the hash that the suite must have; None = not pinned.
        own_probes: folder of the user's own templates; None = there is none.
        epochs: repetitions of every probe; None = as the probe says.
        concurrency: requests at a time.
        max_cost: US dollars after which a run stops; None = no limit.
        fail_on: see `FailOn`.
        profile: see `Profile`.
        fdr: false-discovery rate that a report holds, between 0 and 1.
        levels: rule id → level that replaces its default.
        min_effects: rule id → smallest effect that matters (a share, or a ratio minus one).
        database: SQLite file of runs and comparisons.
        baselines: folder of accepted baselines.
        acknowledged: file of acknowledgements.
        lifecycle: the project's own readings of model dates, beside the packaged ones.
        api_packages: SDKs that `api watch` follows, with a version where it is the baseline; empty = the known ones.
        api_words: parts of words that it looks for in what is new; empty = the default ones.
        meaning: folder of an embedding model, see `drift.meaning`; None = texts are compared by their form alone.
    """

    path: Path | None = None
    targets: tuple[Target, ...] = ()
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    suite: str | None = None
    suite_hash: str | None = None
    own_probes: Path | None = None
    epochs: int | None = None
    concurrency: int = 8
    max_cost: float | None = None
    fail_on: FailOn = "breaking"
    profile: Profile = "tolerant-reader"
    fdr: float = 0.05
    levels: Mapping[str, Level] = field(default_factory=dict)
    min_effects: Mapping[str, float] = field(default_factory=dict)
    database: Path = Path("snapshots/drift.db")
    baselines: Path = Path("snapshots/baselines")
    acknowledged: Path = Path("snapshots/acknowledged.yaml")
    lifecycle: Path = Path("snapshots/lifecycle.csv")
    api_packages: tuple[str, ...] = ()
    api_words: tuple[str, ...] = ()
    meaning: Path | None = None

    def override(self, **values: Any) -> Self:
        """Return the settings with every value that is not None in place of the present one."""
        return dataclasses.replace(self, **_given(values))

    def target(self, spec: str, **values: Any) -> Target:
        """Return the target of that spec: as the file describes it, else with defaults.

        Args:
            spec: "platform/model"; "platform:model" is read as the same.
            values: fields of `Target` that replace those of the file where they are not None.

        Raises:
            UsageError: no such form, or an address with credentials.
        """
        target = parse_target(spec)
        target = next((known for known in self.targets if known.spec == target.spec), target)
        given = _given(values)
        if problem := _address_problem(given.get("base_url")):
            raise UsageError(
                f"the base URL {problem}", "keys belong into the environment, under the vendor's own name"
            )
        return dataclasses.replace(target, **given)


def parse_target(spec: str) -> Target:
    """Read a target spec.

    Raises:
        UsageError: not "platform/model".
    """
    match = re.fullmatch(r"([A-Za-z0-9_-]+)[/:](.+)", spec, re.DOTALL)
    if match is None or match[2].isspace():
        raise UsageError(f"{spec!r} names no target", "write platform/model, such as anthropic/claude-…")
    return Target(platform=match[1].lower(), model=match[2])


def find_config(folder: Path) -> Path | None:
    """Return the path of drift.yaml in a folder, or None."""
    path = folder / FILE_NAME
    return path if path.is_file() else None


def read_config(path: Path | None) -> Config:
    """Read a drift.yaml; None gives the defaults.

    Raises:
        ConfigError: names file, line and key.
    """
    if path is None:
        return Config()
    file = read_yaml(path)
    data = {} if file.data is None else file.data
    file.check_keys(data, _KEYS)
    folder = path.parent
    read = _Reader(file, data, ())
    targets = _targets(file) if "targets" in data else ()
    found: dict[str, Any] = {
        "targets": targets,
        "prices": _prices(file, targets),
        "suite": read.text("suite"),
        "suite_hash": read.text("suite_hash", pattern=r"[0-9a-f]{8,64}", form="8 to 64 hexadecimal digits"),
        "own_probes": read.path("own_probes", folder),
        "epochs": read.whole("epochs", 1),
        "concurrency": read.whole("concurrency", 1),
        "max_cost": read.number("max_cost", 0, math.inf),
        "fail_on": read.choice("fail_on", get_args(FailOn)),
        "profile": read.choice("profile", PROFILES),
        "fdr": read.number("fdr", 0, 1),
        "levels": _by_rule(file, "levels", lambda read, rule: read.choice(rule, LEVELS)),
        "min_effects": _by_rule(file, "min_effects", lambda read, rule: read.number(rule, 0, math.inf)),
        "database": read.path("database", folder),
        "baselines": read.path("baselines", folder),
        "acknowledged": read.path("acknowledged", folder),
        "lifecycle": read.path("lifecycle", folder),
        "api_packages": read.texts("api_packages"),
        "api_words": read.texts("api_words"),
        "meaning": read.path("meaning", folder),
    }
    defaults = Config()
    for name in ("database", "baselines", "acknowledged", "lifecycle"):
        found[name] = found[name] or folder / getattr(defaults, name)
    return defaults.override(path=path, **found)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Typed access to one mapping; an absent key gives None, a value of a wrong kind an error at its line."""

    file: YamlFile
    data: Mapping[str, Any]
    at: tuple[str | int, ...]

    def _value(self, key: str, wanted: str, *types: type) -> Any:
        if key not in self.data:
            return None
        value = self.data[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise self._wrong(key, f"expected {wanted}, found {kind(value)}")
        return value

    def _wrong(self, key: str, problem: str) -> ConfigError:
        return self.file.error(f"{key}: {problem}", "mend that line", at=(*self.at, key))

    def text(self, key: str, *, pattern: str = r".*\S.*", form: str = "some text") -> str | None:
        value: str | None = self._value(key, form, str)
        if value is not None and not re.fullmatch(pattern, value, re.DOTALL):
            raise self._wrong(key, f"expected {form}")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        value: list[Any] | None = self._value(key, "a list of texts", list)
        if value is not None and not all(isinstance(item, str) and item.strip() for item in value):
            raise self._wrong(key, "expected a list of texts")
        return None if value is None else tuple(value)

    def path(self, key: str, folder: Path) -> Path | None:
        value = self.text(key, form="a path")
        return None if value is None else folder / value

    def whole(self, key: str, least: int) -> int | None:
        value: int | None = self._value(key, "a whole number", int)
        if value is not None and value < least:
            raise self._wrong(key, f"expected {least} or more, found {value}")
        return value

    def number(self, key: str, above: float, below: float) -> float | None:
        value = self._value(key, "a number", int, float)
        if value is not None and not above < value < below:
            limits = f"more than {above:g}" + ("" if math.isinf(below) else f" and less than {below:g}")
            raise self._wrong(key, f"expected {limits}, found {value}")
        return None if value is None else float(value)

    def choice(self, key: str, known: Sequence[str]) -> str | None:
        value: str | None = self._value(key, f"one of {', '.join(known)}", str)
        if value is not None and value not in known:
            raise self.file.error(
                f"{key}: no such value {value!r}", nearest(value, known), at=(*self.at, key)
            )
        return value

    def mapping(self, key: str) -> Mapping[str, JSON] | None:
        value: Mapping[str, JSON] | None = self._value(key, "a mapping", dict)
        return value


def _targets(file: YamlFile) -> tuple[Target, ...]:
    entries = file.data["targets"]
    if not isinstance(entries, list):
        raise file.error(
            f"targets: expected a list, found {kind(entries)}", "start each with '- '", at=("targets",)
        )
    targets: list[Target] = []
    for index, entry in enumerate(entries):
        at = ("targets", index)
        fields = {"spec": entry} if isinstance(entry, str) else entry
        file.check_keys(fields, _TARGET_KEYS, at=at)
        read = _Reader(file, fields, at)
        spec = read.text("spec")
        if spec is None:
            raise file.error("a target has no spec", "add spec: platform/model", at=at)
        try:
            target = parse_target(spec)
        except UsageError as error:
            raise file.error(error.what, error.todo, at=(*at, "spec")) from None
        base_url = read.text("base_url")
        if problem := _address_problem(base_url):
            raise file.error(f"base_url {problem}", "keys belong into the environment", at=(*at, "base_url"))
        if any(target.spec == other.spec for other in targets):
            raise file.error(f"the target {target.spec} stands twice", "remove one", at=at)
        targets.append(
            dataclasses.replace(
                target,
                base_url=base_url,
                api_version=read.text("api_version"),
                dialect=read.choice("dialect", DIALECTS),
                region=read.text("region"),
                params=read.mapping("params") or {},
            )
        )
    return tuple(targets)


def _prices(file: YamlFile, targets: Sequence[Target]) -> dict[str, tuple[float, float]]:
    """Read what targets cost where their entries say so, in US dollars for a million tokens in and out."""
    prices: dict[str, tuple[float, float]] = {}
    for index, target in enumerate(targets):
        entry = file.data["targets"][index]
        if isinstance(entry, str) or "price" not in entry:
            continue
        at = ("targets", index, "price")
        file.check_keys(entry["price"], _PRICE_KEYS, at=at)
        read = _Reader(file, entry["price"], at)
        values = [read.number(key, -math.inf, math.inf) for key in _PRICE_KEYS]
        if any(value is None or value < 0 for value in values):
            todo = "write {input: …, output: …} in US dollars for a million tokens"
            raise file.error("price: expected input and output, each 0 or more", todo, at=at)
        prices[target.spec] = (values[0] or 0, values[1] or 0)
    return prices


def _by_rule(file: YamlFile, key: str, value: Callable[[_Reader, str], Any]) -> dict[str, Any] | None:
    """Read a mapping whose keys are rule ids."""
    if key not in (file.data or {}):
        return None
    from drift.rules import RULES

    entries = file.data[key]
    file.check_keys(entries, sorted(rule.id for rule in RULES), at=(key,))
    read = _Reader(file, entries, (key,))
    return {rule: value(read, rule) for rule in entries}


def _address_problem(address: str | None) -> str | None:
    """Say what is wrong with a base URL, without repeating it: it may hold a key."""
    from urllib.parse import urlsplit

    if address is None:
        return None
    try:
        parts = urlsplit(address)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return "is no address"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        return "is no http or https address"
    if "@" in parts.netloc:
        return "holds a user name or a password"
    if parts.query or parts.fragment:
        return "holds a query or a fragment"
    return None


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
