# Which SDKs a project pins, to which versions, and which API version a vendor's SDK sends by itself.
# Owns: names of packages in each ecosystem, notations of versions. Refuses to know: models, dates, what an
# SDK exposes.
"""Pins of the vendors' SDKs in manifests and lock files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from drift.scan.found import Code

Ecosystem = Literal["pypi", "npm", "go", "maven", "nuget", "rubygems", "packagist"]


@dataclass(frozen=True, slots=True)
class SdkPin:
    """An SDK that a manifest or a lock file names.

    Attributes:
        ecosystem, package: where it is published, and under which name.
        vendor: whose API it speaks.
        requirement: as written ("==2.9.0", "^4.0", ""): which versions are allowed.
        version: the one version that is pinned, when there is one.
        is_locked: it comes from a lock file.
        file, line: where.
        api_version: API version that the pinned SDK sends by itself; None when it depends on the version
            that is installed.
    """

    ecosystem: Ecosystem
    package: str
    vendor: str
    requirement: str
    version: str | None
    is_locked: bool
    file: str
    line: int
    api_version: str | None = None


PACKAGES: Mapping[Ecosystem, Mapping[str, str]] = {
    "pypi": {
        "anthropic": "anthropic",
        "openai": "openai",
        "google-genai": "google",
        "google-generativeai": "google",
        "llama-api-client": "meta",
    },
    "npm": {
        "@anthropic-ai/sdk": "anthropic",
        "@anthropic-ai/bedrock-sdk": "anthropic",
        "@anthropic-ai/vertex-sdk": "anthropic",
        "openai": "openai",
        "@google/genai": "google",
        "@google/generative-ai": "google",
        "llama-api-client": "meta",
    },
    "go": {
        "github.com/anthropics/anthropic-sdk-go": "anthropic",
        "github.com/openai/openai-go": "openai",
        "google.golang.org/genai": "google",
        "github.com/google/generative-ai-go": "google",
    },
    "maven": {
        "com.anthropic:anthropic-java": "anthropic",
        "com.openai:openai-java": "openai",
        "com.google.genai:google-genai": "google",
    },
    "nuget": {
        "anthropic": "anthropic",
        "openai": "openai",
        "azure.ai.openai": "openai",
        "google.genai": "google",
    },
    "rubygems": {"anthropic": "anthropic", "openai": "openai", "ruby-openai": "openai"},
    "packagist": {"anthropic-ai/sdk": "anthropic", "openai-php/client": "openai"},
}
"""Ecosystem → package → vendor. Some packages are not the vendor's own, and break with its API all the same."""

NEWEST_API = "2026-10-21"
_SENDS_NEWEST: Mapping[tuple[Ecosystem, str], int] = {
    ("pypi", "anthropic"): 2,
    ("npm", "@anthropic-ai/sdk"): 1,
    ("go", "github.com/anthropics/anthropic-sdk-go"): 2,
    ("maven", "com.anthropic:anthropic-java"): 3,
    ("nuget", "anthropic"): 13,
    ("packagist", "anthropic-ai/sdk"): 1,
    ("rubygems", "anthropic"): 2,
}
"""SDK → the first major version that sends Anthropic's API version 2026-10-21 by itself; older ones send 2023-06-01."""

_OLDER_API = "2023-06-01"

_FILES: tuple[tuple[str, Ecosystem, bool], ...] = (
    (r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)", "pypi", False),
    (r"pyproject\.toml|setup\.(?:py|cfg)|pipfile|environment\.ya?ml|noxfile\.py|tox\.ini", "pypi", False),
    (r"(?:poetry|uv|pdm)\.lock|pipfile\.lock", "pypi", True),
    (r"package\.json|deno\.jsonc?", "npm", False),
    (r"package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock", "npm", True),
    (r"go\.mod", "go", False),
    (r"pom\.xml|build\.gradle(?:\.kts)?|libs\.versions\.toml|build\.sbt", "maven", False),
    (r"[\w.-]+\.(?:cs|fs|vb)proj|directory\.packages\.props|packages\.config", "nuget", False),
    (r"gemfile|[\w.-]+\.gemspec", "rubygems", False),
    (r"gemfile\.lock", "rubygems", True),
    (r"composer\.json", "packagist", False),
    (r"composer\.lock", "packagist", True),
)  # fmt: skip


def find_pins(file: str, text: str, code: Code) -> Iterator[SdkPin]:
    """Yield the SDKs that a file pins.

    Args:
        file: its path, whose last part says what it is.
        text: its content.
        code: what its reader made of it.
    """
    base = file.rpartition("/")[2]
    for shape, ecosystem, locked in _FILES:
        if re.fullmatch(shape, base, re.IGNORECASE):
            seen = set()
            for package, requirement, line in _IN_FILE[ecosystem](base.lower(), text, code, locked):
                vendor = PACKAGES[ecosystem].get(_name(ecosystem, package))
                if vendor is not None and (package, requirement, line) not in seen:
                    seen.add((package, requirement, line))
                    yield _pin(ecosystem, _name(ecosystem, package), vendor, requirement, locked, file, line)
            return
    for ecosystem, package, requirement, line in _installs(text, code):
        yield _pin(ecosystem, package, PACKAGES[ecosystem][package], requirement, False, file, line)


def _pin(
    ecosystem: Ecosystem, package: str, vendor: str, requirement: str, locked: bool, file: str, line: int
) -> SdkPin:
    requirement = requirement.strip()
    exact = re.fullmatch(r"(?:==\s*|=\s*|v)?(\d+(?:\.\d+)*(?:[-.]?[a-z]+[.\d]*)?)(?:\+\w+)?", requirement)
    bare_is_exact = locked or ecosystem in {"go", "maven", "nuget", "npm", "packagist", "rubygems"}
    version = exact[1] if exact and (bare_is_exact or requirement.startswith("=")) else None
    return SdkPin(
        ecosystem,
        package,
        vendor,
        requirement,
        version,
        locked,
        file,
        line,
        _api_version(ecosystem, package, requirement),
    )


def _api_version(ecosystem: Ecosystem, package: str, requirement: str) -> str | None:
    """Say which API version is sent whatever version is installed of those that are allowed."""
    first = _SENDS_NEWEST.get((ecosystem, package))
    if first is None:
        return None
    low, high = _majors(requirement)
    if low is not None and low >= first:
        return NEWEST_API
    return _OLDER_API if high is not None and high < first else None


def _majors(requirement: str) -> tuple[int | None, int | None]:
    """Return the lowest and the highest major version that a requirement allows; None where it sets no bound."""
    low: int | None = None
    high: int | None = None
    for sign, major, rest in re.findall(
        r"(===?|~=|>=|<=|!=|~>|\^|~|>|<|=|v)?\s*(\d{1,9})((?:\.[\dx*]+)*)", requirement
    ):
        number = int(major)
        if sign == "!=":
            continue
        if sign in {">=", ">"}:
            low = number
        elif sign == "<":
            high = number if re.search(r"[1-9]", rest) else number - 1
        elif sign == "<=":
            high = number
        elif sign in {"~=", "~>"} and rest.count(".") == 0:
            low = number
        else:
            low = high = number
    return low, high


def _name(ecosystem: Ecosystem, package: str) -> str:
    if ecosystem == "pypi":
        return re.sub(r"[-_.]+", "-", package).lower()
    if ecosystem == "go":
        return re.sub(r"/v\d+$", "", package)
    return package.lower() if ecosystem == "nuget" else package


Found = tuple[str, str, int]
"""Package, requirement, line."""

_PYPI_NAMES = "|".join(
    re.sub(r"-", r"[-_.]", name) for name in sorted(PACKAGES["pypi"], key=len, reverse=True)
)
_PYPI = re.compile(
    rf"(?P<name>{_PYPI_NAMES})(?![\w.-])\s*(?:\[[\w\s,.-]*\])?\s*(?P<wanted>(?:\(?\s*(?:===?|~=|!=|<=?|>=?)\s*[\w.*+!-]+\s*,?\s*\)?)*)"
    r"\s*(?:[;#@\\].*|--hash.*)?",
    re.IGNORECASE,
)


def _pypi(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    if base.endswith((".txt", ".in")):
        for number, line in enumerate(text.split("\n"), start=1):
            match = _PYPI.fullmatch(line.strip())
            if match:
                yield match["name"], match["wanted"], number
        return
    if locked and base != "pipfile.lock":
        yield from _blocks(text, r"\[\[package\]\]", r'^name = "([^"]+)"', r'^version = "([^"]+)"')
        return
    del code
    if base == "pipfile.lock":
        for match in re.finditer(rf'"({_PYPI_NAMES})"\s*:\s*\{{[^{{}}]*?"version"\s*:\s*"([^"]+)"', text):
            yield match[1], match[2], _line(text, match.start())
        return
    for number, line in enumerate(text.split("\n"), start=1):
        bare = re.sub(r"(?:^|\s)#.*$", "", line)
        for quoted in re.findall(r"\"([^\"]*)\"|'([^']*)'", bare):
            match = _PYPI.fullmatch((quoted[0] or quoted[1]).strip())
            if match and not re.match(r"\s*name\s*=", bare):
                yield match["name"], match["wanted"], number
        # Poetry, Pipfile, setup.cfg, tox.ini, environment.yml
        keyed = re.match(
            rf"\s*[\"']?({_PYPI_NAMES})[\"']?\s*=\s*(?:\{{.*?version\s*=\s*)?[\"']([\^~<>=!*\d][^\"']*)[\"']",
            bare,
            re.IGNORECASE,
        )
        if keyed:
            yield keyed[1], "" if keyed[2] == "*" else keyed[2], number
        elif base.endswith((".cfg", ".ini", ".yml", ".yaml")):
            entry = re.sub(r"^(?:-\s+|\w+\s*[=:]\s+)", "", bare.strip())
            # Conda pins with one sign.
            match = _PYPI.fullmatch(re.sub(r"(?<=[\w.-])=(?=\d)", "==", entry))
            if match:
                yield match["name"], match["wanted"], number


def _npm(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    names = "|".join(re.escape(name) for name in PACKAGES["npm"])
    if not locked:
        for found in code.texts:
            wanted = found.value
            if found.parent in _DEPENDENCIES and found.key in PACKAGES["npm"]:
                yield found.key, wanted, found.line
        return
    if base == "package-lock.json":
        shape = rf'"(?:node_modules/)?({names})"\s*:\s*\{{\s*"version"\s*:\s*"([^"]+)"'
    elif base == "yarn.lock":
        shape = rf'^"?({names})@[^\n]*:\n\s+version:? "?([^"\n]+)"?'
    elif base == "bun.lock":
        shape = rf'"(?:{names})"\s*:\s*\["({names})@([^"]+)"'
    else:
        shape = rf"^\s+'?/?({names})[@/](\d[\w.-]*)(?:\([^\n]*\))?'?:$"
    for match in re.finditer(shape, text, re.MULTILINE):
        yield match[1], match[2], _line(text, match.start())


_DEPENDENCIES = frozenset(
    ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "imports")
)


def _go(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    del base, code, locked
    for number, line in enumerate(text.split("\n"), start=1):
        match = re.match(r"\s*(?:require\s+)?([\w./-]+)\s+(v\d[\w.+-]*)", line.partition("//")[0])
        if match:
            yield match[1], match[2], number


def _maven(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    del code, locked
    if base == "pom.xml":
        bare = _without_comments(text)
        line = 1
        for part in bare.split("<dependency>"):
            values: dict[str, str] = dict(
                re.findall(
                    r"<(groupId|artifactId|version)>\s*([^<\s]+)\s*</", part.partition("</dependency>")[0]
                )
            )
            package = f"{values.get('groupId')}:{values.get('artifactId')}"
            wanted = values.get("version", "")
            held = re.fullmatch(r"\$\{(.+)\}", wanted)
            if held:
                defined = re.search(rf"<{re.escape(held[1])}>\s*([^<\s]+)\s*</", bare)
                wanted = defined[1] if defined else ""
            if values:
                yield package, wanted, line + part.count("\n", 0, part.find("<artifactId"))
            line += part.count("\n")
        return
    for number, written in enumerate(text.split("\n"), start=1):
        bare = re.sub(r"(?<![:\w])//.*$|^\s*#.*$", "", written)
        for name in PACKAGES["maven"]:
            match = re.search(rf"{re.escape(name)}(?::([\w.-]+))?", bare)
            if match is None and base == "build.sbt":
                group, artifact = name.split(":")
                match = re.search(
                    rf'"{re.escape(group)}"\s*%{{1,2}}\s*"{re.escape(artifact)}"\s*%\s*"([\w.-]+)"', bare
                )
            if match:
                version = match[1] or _toml_version(text, bare)
                yield name, version, number


def _toml_version(text: str, line: str) -> str:
    """Return the version of a line of a version catalogue."""
    match = re.search(r"version\s*=\s*\"([^\"]+)\"", line)
    if match:
        return match[1]
    held = re.search(r"version\.ref\s*=\s*\"([^\"]+)\"", line)
    defined = re.search(rf"^{re.escape(held[1])}\s*=\s*\"([^\"]+)\"", text, re.MULTILINE) if held else None
    return defined[1] if defined else ""


def _nuget(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    del base, code, locked
    bare = _without_comments(text)
    for match in re.finditer(
        r"<(?:PackageReference|PackageVersion|package)\b([^<>]*)>([^<]*<Version>[^<]*)?", bare
    ):
        values = {name.lower(): value for name, value in re.findall(r"(\w+)\s*=\s*\"([^\"]*)\"", match[1])}
        package = values.get("include") or values.get("update") or values.get("id") or ""
        nested = re.search(r"<Version>([^<]*)", match[2] or "")
        wanted = values.get("version") or (nested[1] if nested else "")
        yield package, wanted, _line(bare, match.start())


def _rubygems(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    del base, code
    for number, line in enumerate(text.split("\n"), start=1):
        if locked:
            match = re.match(r"    ([\w-]+) \((\d[^)]*)\)$", line)
        else:
            match = re.match(
                r"\s*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[\s(]+[\"']([\w-]+)[\"'](?:\s*,\s*[\"']([^\"']+)[\"'])?",
                line,
            )
        if match:
            yield match[1], match[2] or "", number


def _packagist(base: str, text: str, code: Code, locked: bool) -> Iterator[Found]:
    del base
    if locked:
        for match in re.finditer(r'"name"\s*:\s*"([^"]+)",\s*"version"\s*:\s*"v?([^"]+)"', text):
            yield match[1], match[2], _line(text, match.start())
        return
    for found in code.texts:
        if found.parent in {"require", "require-dev"}:
            yield found.key, found.value, found.line


def _blocks(text: str, begin: str, name: str, version: str) -> Iterator[Found]:
    """Yield (name, version, line) of the blocks of a lock file."""
    parts = re.split(begin, text)
    line = 1 + parts[0].count("\n")
    for part in parts[1:]:
        named, held = re.search(name, part, re.MULTILINE), re.search(version, part, re.MULTILINE)
        if named and held:
            yield named[1], held[1], line + part.count("\n", 0, named.start())
        line += part.count("\n")


_INSTALL = re.compile(
    r"(?:pip3?|uv|poetry|pdm|conda)\s+(?:pip\s+)?(?:install|add)\s+([^\n;&|]+)|(?:npm|pnpm|yarn|bun)\s+(?:install|i|add)\s+([^\n;&|]+)"
)


def _installs(text: str, code: Code) -> Iterator[tuple[Ecosystem, str, str, int]]:
    """Yield what a command installs: a step of a workflow, a line of a Dockerfile or of a notebook."""
    at = 0
    for match in _INSTALL.finditer(code.commands):
        for word in (match[1] or match[2]).split():
            plain = word.strip("\"'")
            found: tuple[Ecosystem, str, str] | None = None
            if match[1] and (wanted := _PYPI.fullmatch(plain)):
                found = "pypi", _name("pypi", wanted["name"]), wanted["wanted"]
            elif match[2]:
                package, _, version = plain.rpartition("@") if "@" in plain[1:] else (plain, "", "")
                found = ("npm", package, version) if package in PACKAGES["npm"] else None
            if found is not None:
                at = max(text.find(plain, at), 0)
                yield (*found, _line(text, at))


def _without_comments(text: str) -> str:
    return re.sub(r"<!--.*?(?:-->|\Z)", lambda match: re.sub(r"[^\n]", " ", match[0]), text, flags=re.DOTALL)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


_IN_FILE = {
    "pypi": _pypi,
    "npm": _npm,
    "go": _go,
    "maven": _maven,
    "nuget": _nuget,
    "rubygems": _rubygems,
    "packagist": _packagist,
}
