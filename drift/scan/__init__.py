# What a project's code asks for: models, SDKs, parameters of requests, API versions.
# Owns: the search for ids in strings, what a file's other words say about the platform. Refuses to know:
# dates, reports.
"""Scan a project.

found = scan(Path("."))
for use in found.uses:
    print(use.file, use.line, use.model.spec)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drift.ids import HOME, ModelId, read_id
from drift.lifecycle import Lifecycle
from drift.scan.found import MAYBE, MENTIONS, SHORT, WORDS, Code, Request, Role, Text, names_model
from drift.scan.pins import SdkPin, find_pins
from drift.scan.readers import reader_of
from drift.scan.walk import LARGEST, Skipped, Source, sources

__all__ = [
    "LARGEST",
    "ApiVersion",
    "Found",
    "ModelUse",
    "RequestUse",
    "SdkPin",
    "Skipped",
    "pinned_models",
    "scan",
]


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model that a line of code names.

    Attributes:
        model: which, on which platform.
        spelled: as written.
        file, line, column: where, from 1.
        key: the argument, variable or entry that holds it, or "".
        role: see `drift.scan.found.Role`.
    """

    model: ModelId
    spelled: str
    file: str
    line: int
    column: int
    key: str
    role: Role

    @property
    def is_pin(self) -> bool:
        """Whether the code asks this model, as far as one can tell; else it only speaks of it."""
        return self.role not in MENTIONS


@dataclass(frozen=True, slots=True)
class RequestUse:
    """A request in the code; `model` is None when the code does not tell which."""

    file: str
    model: ModelId | None
    request: Request


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """An API version that the code asks for by itself."""

    vendor: str
    value: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a project uses.

    Attributes:
        uses: models, in order of files and lines.
        pins: SDKs.
        requests: requests with their parameters.
        api_versions: API versions that the code names.
        files: number of files that were read.
        skipped: files that were not read, or not as what they seem to be, and why.
    """

    uses: tuple[ModelUse, ...]
    pins: tuple[SdkPin, ...]
    requests: tuple[RequestUse, ...]
    api_versions: tuple[ApiVersion, ...]
    files: int
    skipped: tuple[Skipped, ...]


def scan(
    root: Path,
    *,
    exclude: Sequence[str] = (),
    limit: int = LARGEST,
    known: Mapping[str, str] | None = None,
    count: Callable[[int], None] | None = None,
) -> Found:
    """Scan a folder, or a single file.

    Args:
        root: the project.
        exclude: patterns in the manner of .gitignore.
        limit: bytes of a file at most.
        known: id → vendor of ids that no shape covers; those of the packaged table when None.
        count: takes the number of files that were read so far.

    Raises:
        UsageError: there is no such folder, or a pattern is none.
    """
    ids = _Known(Lifecycle.load().ids if known is None else known)
    uses: list[ModelUse] = []
    pins: list[SdkPin] = []
    requests: list[RequestUse] = []
    versions: list[ApiVersion] = []
    skipped: list[Skipped] = []
    files = 0
    for source in sources(root, exclude=exclude, limit=limit):
        if isinstance(source, Skipped):
            skipped.append(source)
            continue
        files += 1
        if count is not None:
            count(files)
        reader = reader_of(source.file)
        if reader is None or not _is_worth_reading(source.text):
            continue
        code = reader(source.text)
        if code.problem:
            skipped.append(Skipped(source.file, f"{code.problem}; it was read line by line"))
        search = _Search(source, code, ids)
        uses += search.uses()
        requests += search.requests()
        versions += search.api_versions()
        pins += find_pins(source.file, source.text, code)
    return Found(tuple(uses), tuple(pins), tuple(requests), tuple(versions), files, tuple(skipped))


_WORTH_READING = (*WORDS, "anthropic", "openai", "genai", "generativeai", "generative-ai")


def _is_worth_reading(text: str) -> bool:
    """Whether a file may hold an id or a pin: most do not, and are not taken apart."""
    lower = text.lower()
    return any(word in lower for word in _WORTH_READING) or SHORT.search(lower) is not None


# Who is asked, by the names of clients and hosts in the same file: (what is looked for, which vendors' ids,
# platform).
_PLATFORMS: tuple[tuple[re.Pattern[str], frozenset[str], str], ...] = tuple(
    (re.compile(shape, re.IGNORECASE), frozenset(vendors), platform)
    for shape, vendors, platform in (
        (r"openrouter\.ai|OPENROUTER_", (), "openrouter"),
        (
            r"AzureOpenAI|AzureChatOpenAI|openai\.azure\.com|azure_endpoint|AZURE_OPENAI_|cognitiveservices",
            ("openai",),
            "azure",
        ),
        (
            r"vertexai\s*[=:]\s*true|ChatVertexAI|VertexAi(?:Gemini|Embedding|Language|Chat|Image)",
            ("google",),
            "vertex",
        ),
        (
            r"(?:import|from) vertexai|google-vertex|aiplatform\.google|/vertexai|USE_VERTEXAI",
            ("google",),
            "vertex",
        ),
        (r"AnthropicVertex", ("anthropic",), "vertex"),
        (r"api\.groq\.com|from groq|import groq|groq-sdk|ChatGroq|GROQ_API_KEY", ("meta", "qwen"), "groq"),
        (r"api\.together\.(?:xyz|ai)|TOGETHER_API_KEY", ("meta", "qwen", "deepseek"), "together"),
        (r"api\.cerebras\.ai|CEREBRAS_API_KEY", ("meta", "qwen"), "cerebras"),
        (r"api\.llama\.com|llama_api_client|llama-api-client|LlamaAPIClient|LLAMA_API_KEY", ("meta",), "llama-api"),
        (r"models\.(?:inference\.ai\.azure|github)\.(?:com|ai)", ("meta", "openai", "mistral"), "github-models"),
    )
)  # fmt: skip
_DIRECT: Mapping[str, re.Pattern[str]] = {
    "anthropic": re.compile(r"\b(?:Async)?Anthropic\b"),
    "openai": re.compile(r"\b(?:Async|Chat)?OpenAI\b(?!\.azure)"),
}
"""Vendor → a client of its own; a file that has both counts as direct, because nothing tells which one asks."""


class _Known:
    """Ids that are known by name: as they are written, and as constants of an SDK (`CLAUDE_SONNET_4_5`)."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        self.vendors = ids
        self._constants = {_letters(model): model for model in sorted(ids)}

    def constant(self, name: str) -> str | None:
        """Return the id that a constant names."""
        return self._constants.get(_letters(name))


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


class _Search:
    """Ids in the strings of one file."""

    def __init__(self, source: Source, code: Code, known: _Known) -> None:
        self._file = source.file
        self._code = code
        self._known = known
        self._deployed = {
            (parameter.line, str(parameter.value)): str(given["version"].value)
            for request in code.requests
            if (given := {one.name: one for one in request.parameters}).keys()
            >= {"format", "name", "version"}
            if given["format"].value == "OpenAI" and (parameter := given["name"]).is_known
        }
        """Deployments on Azure name model and version apart: (line, name) → version."""
        self._hints = [
            (vendors, platform)
            for shape, vendors, platform in _PLATFORMS
            if shape.search(code.bare) and not any(_names_client(vendor, code.bare) for vendor in vendors)
        ]

    def uses(self) -> Iterator[ModelUse]:
        """Yield every model that the file names."""
        seen = set()
        for text in self._code.texts:
            if not MAYBE.search(text.value) and text.value not in self._known.vendors:
                continue
            for found, spelled, offset in self._in(text):
                model = found
                if (called := text.parent.lower()) in _CALLS and not found.region:
                    model = read_id(spelled, platform=_CALLS[called], is_model=True) or found
                down = text.value.count("\n", 0, offset)
                column = text.column + offset if not down else 1
                version = self._deployed.get((text.line, spelled))
                if version is not None:
                    dated = (
                        f"{model.vendor_model}-{version}"
                        if re.fullmatch(r"\d{4}-\d\d-\d\d", version)
                        else spelled
                    )
                    model = ModelId("azure", dated, model.vendor, dated)
                use = ModelUse(model, spelled, self._file, text.line + down, column, text.key, text.role)
                if (use.line, use.column, use.spelled) not in seen:
                    seen.add((use.line, use.column, use.spelled))
                    yield use

    def requests(self) -> Iterator[RequestUse]:
        """Yield the requests of the file."""
        for request in self._code.requests:
            model = None
            if request.model is not None:
                for text in (
                    Text(request.model, 1, 1, "model"),
                    Text(request.model, 1, 1, "model", is_constant=True),
                ):
                    model = model or next((found for found, _, _ in self._in(text)), None)
            if model is not None or request.api:
                yield RequestUse(self._file, model, request)

    def api_versions(self) -> Iterator[ApiVersion]:
        """Yield the API versions that the file sends by name."""
        for text in self._code.texts:
            if text.key.lower() in {"anthropic-version", "anthropic_version"} and re.fullmatch(
                r"[\w.-]{4,40}", text.value
            ):
                yield ApiVersion("anthropic", text.value, self._file, text.line)

    # Ids in a string

    def _in(self, text: Text) -> Iterator[tuple[ModelId, str, int]]:
        """Yield (model, spelling, offset) of what a string names.

        It is a whole id, a list of ids, or a request or an address with an id inside.
        """
        if text.is_constant:
            named = self._known.constant(text.value)
            found = None if named is None else self._read(named, is_model=True)
            if found is not None:
                yield found, text.value, 0
            return
        value = text.value.strip()
        at = len(text.value) - len(text.value.lstrip())
        is_model = names_model(text.key)
        whole = self._piece(value, text)
        if whole is not None and (found := self._read(whole, is_model=is_model)) is not None:
            yield found, whole, at + value.find(whole)
            return
        if is_model and re.fullmatch(r"[^,;|\s]+(?:[,;|]\s*[^,;|\s]+)+", value):
            listed = [
                (self._read(part[0], is_model=True), part[0], part.start())
                for part in re.finditer(r"[^,;|\s]+", value)
            ]
            if all(model for model, _, _ in listed):
                yield from ((model, spelled, at + start) for model, spelled, start in listed if model)
                return
        shapes = (*_INSIDE, *_IN_SCRIPT) if text.is_script else _INSIDE
        for shape in shapes:
            for match in shape.finditer(text.value):
                spelled = match["id"]
                if (found := self._read(spelled, is_model=True)) is not None:
                    yield found, spelled, match.start("id")

    @staticmethod
    def _piece(value: str, text: Text) -> str | None:
        """Return the part of a string that is whole although something unknown stands beside it, None when none is."""
        if text.open_left:
            cut = re.match(r"^(?:[^/:.]*[/:])|^\.", value)
            if cut is None:
                return None
            value = value[cut.end() :]
        if text.open_right:
            cut = re.search(r"[/?#](?:[^/]*)$", value)
            if cut is None:
                return None
            value = value[: cut.start()]
        return value

    def _read(self, text: str, *, is_model: bool) -> ModelId | None:
        model = read_id(text, is_model=is_model)
        if model is None:
            vendor = self._known.vendors.get(text) if is_model or "-" in text else None
            return ModelId(HOME.get(vendor, vendor), text, vendor, text) if vendor is not None else None
        for vendors, platform in self._hints:
            if not vendors or model.vendor in vendors:
                return read_id(text, platform=platform, is_model=is_model) or model
        return model


def _names_client(vendor: str, bare: str) -> bool:
    return vendor in _DIRECT and _DIRECT[vendor].search(bare) is not None


_CALLS = {
    "azure": "azure",
    "groq": "groq",
    "openrouter": "openrouter",
    "togetherai": "together",
    "vertex": "vertex",
}
"""Name of a function that makes a model of an id → platform: `azure("gpt-…")`."""

_ID = r"(?P<id>[@A-Za-z][\w.@:/+-]*\w)"
_INSIDE: tuple[re.Pattern[str], ...] = (
    # A body of JSON in a string, quotes escaped or not.
    re.compile(rf"\\?[\"'](?:model|model_id|modelId|modelName|engine)\\?[\"']\s*:\s*\\?[\"']{_ID}\\?[\"']"),
    # Addresses: Gemini, Vertex, Bedrock, Azure.
    re.compile(r"(?:^|/)(?P<id>(?:publishers/[\w-]+/)?models/[\w.@-]+)(?=:[a-zA-Z]|[?\"'\s]|$)"),
    re.compile(r"/model/(?P<id>[\w.:%-]+?)/(?:invoke|converse)"),
    re.compile(r"(?P<id>arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?:foundation-model|inference-profile)/[\w.:-]+)"),
    re.compile(r"/openai/deployments/(?P<id>[\w.-]+)/"),
    # Defaults: of a template, of an expression of a workflow, of a field of a struct.
    re.compile(rf"(?:\bdefault\s+|\|\|\s*)[\"']{_ID}[\"'](?=[^{{}}]*\}}\}})"),
    re.compile(rf"\b(?:default|envDefault):\\?\"{_ID}\\?\""),
)  # fmt: skip
_IN_SCRIPT: tuple[re.Pattern[str], ...] = (
    re.compile(
        rf"--?(?:[a-z]{{1,40}}-)?(?:model|engine|llm)(?:-(?:id|name))?[= ]\s*[\"']?{_ID}(?=[\"'\s]|$)"
    ),
    re.compile(rf"(?:^|\s)[A-Z_]{{0,40}}(?:MODEL|ENGINE|LLM)[A-Z_]{{0,40}}=[\"']?{_ID}(?=[\"'\s]|$)"),
)


def pinned_models(root: Path) -> dict[str, list[str]]:
    """Return the models that the code of a project asks for.

    Returns:
        Target spec → its places as "file:line"; the most used first.
    """
    places: dict[str, list[str]] = {}
    for use in scan(root).uses:
        if use.is_pin:
            places.setdefault(use.model.spec, []).append(f"{use.file}:{use.line}")
    return dict(sorted(places.items(), key=lambda item: (-len(item[1]), item[0])))
