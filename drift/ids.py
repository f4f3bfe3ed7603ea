# How vendors, cloud platforms and gateways spell the ids of models, and which model is meant.
# Owns: shapes of ids, prefixes, regions, suffixes. Refuses to know: dates, files, what is done with an id.
"""Read the spelling of a model id.

`claude-sonnet-4-5`, `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, `claude-sonnet-4-5@20250929` and
`anthropic/claude-sonnet-4.5` name one model on four platforms. A platform sets its own dates, so the
platform is part of what an id means, and the vendor's own spelling is kept beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

HOME = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "gemini",
    "mistral": "mistral",
    "xai": "xai",
    "deepseek": "deepseek",
    "cohere": "cohere",
    "meta": "open-weights",
    "qwen": "open-weights",
}
"""Vendor → the platform on which it offers its models itself."""


@dataclass(frozen=True, slots=True)
class ModelId:
    """A model on a platform.

    Attributes:
        platform: where it is asked for, in the words of a target ("anthropic", "bedrock", "vertex", "openrouter", …).
        model: the id as this platform spells it, without what only routes the request (region, prefix of a gateway).
        vendor: who made it ("anthropic", "openai", "google", "meta", …).
        vendor_model: the id as the vendor's own API spells it, as far as the spelling tells.
        region: region of the platform, when the spelling names one ("us-east-1").
    """

    platform: str
    model: str
    vendor: str
    vendor_model: str
    region: str | None = None

    @property
    def spec(self) -> str:
        """The target spec: "platform/model"."""
        return f"{self.platform}/{self.model}"


# A word that follows "claude-" in names of products and packages, not of models.
_PRODUCTS = (
    "agent|agents|api|app|bot|bridge|chat|cli|client|code|cookbook|cookbooks|desktop|dev|engineer|flow|hooks|integration|mcp|"
    "md|plugin|plugins|proxy|proxies|quickstarts|sdk|server|skill|skills|template|test|tool|tools|ui|web"
)
_TAIL = r"(?:[.-][a-z0-9]+)*"

_SHAPES: tuple[tuple[str, str], ...] = (
    # Families alone ("claude-3", "gpt-3", "gemini-2.5") are no ids: they stand in code that looks at a prefix.
    ("anthropic", rf"claude-(?:[12](?:\.\d)?(?:-100k)?|instant-\d{_TAIL}|\d(?:[.-]\d)?-[a-z]+{_TAIL})"),
    ("anthropic", rf"claude-(?!(?:{_PRODUCTS})-)[a-z]+-(?:\d[a-z0-9]*|preview|latest){_TAIL}"),
    ("openai", rf"gpt-(?!3$)\d[a-z0-9]*(?:\.\d+)?{_TAIL}"),
    ("openai", rf"gpt-(?:audio|daybreak|image|live|oss|realtime|rosalind|transcribe)(?:-[a-z0-9]+)*{_TAIL}"),
    ("openai", rf"chatgpt-(?:\d[a-z0-9]*|image){_TAIL}"),
    ("openai", r"o[1-9]\d?-(?:mini|pro|preview|deep-research|\d{4}-)(?:-?[a-z0-9]+)*"),
    ("openai", rf"(?:codex-mini|computer-use-preview|omni-moderation|text-moderation)(?:-[a-z0-9]+)*{_TAIL}"),
    ("openai", r"text-embedding-(?:3-(?:small|large)|ada-002)"),
    ("openai", r"(?:text|code)-(?:ada|babbage|curie|davinci|cushman)(?:-[a-z]+)?-\d{3}|(?:babbage|davinci)-002"),
    ("openai", r"dall-e-[23]|whisper-1|tts-1(?:-hd)?(?:-\d+)?|sora-\d[a-z0-9]*(?:-[a-z0-9]+)*"),
    ("google", rf"gemini-\d+(?:\.\d+)?-[a-z]+{_TAIL}"),
    ("google", r"gemini-(?:pro|ultra)(?:-vision)?(?:-latest)?|gemini-(?:flash|flash-lite|pro)-latest"),
    ("google", rf"gemini-(?:embedding|live|nano-banana|omni|robotics-er)-[a-z0-9]+{_TAIL}"),
    ("google", rf"gemma-\d[a-z0-9]*-\d+b{_TAIL}|(?:imagen|veo|lyria)-\d[a-z0-9]*(?:\.\d+)?{_TAIL}"),
    ("google", r"text-(?:multilingual-)?embedding-00\d|embedding-001|learnlm-\d[a-z0-9.-]*"),
    ("google", r"(?:chat|text|code|codechat)-bison(?:-32k)?|textembedding-gecko(?:-multilingual)?|code-gecko"),
    ("meta", r"(?:meta-)?llama-?v?[2-9](?:[.p]\d|-\d(?=-))?-(?:\d+x?\d*[bm]|scout|maverick|guard)(?:[.-][a-z0-9]+)*"),
    ("meta", r"(?:meta-)?llama-?[2-9](?:\.\d)?:\d+b[a-z0-9_.-]*|llama-guard-\d(?:-[a-z0-9]+)*"),
    ("mistral", rf"(?:open-)?(?:mi[sx]tral|ministral|magistral|codestral|devstral|pixtral)-[a-z0-9]+{_TAIL}"),
    ("xai", rf"grok-(?:\d[a-z0-9]*|beta|code-fast-\d){_TAIL}"),
    ("deepseek", rf"deepseek-(?:chat|reasoner|coder|[rv]\d[a-z0-9]*){_TAIL}"),
    ("cohere", rf"command-(?:r|a|r-plus|r7b)(?:-\d{{2}}-\d{{4}})?|embed-(?:english|multilingual)-v\d(?:\.\d){_TAIL}"),
    ("qwen", rf"qwen-?\d?(?:\.\d)?-(?:\d+b|max|plus|turbo|coder|vl){_TAIL}"),
)  # fmt: skip
_BARE = tuple(
    (vendor, re.compile(shape, re.IGNORECASE if vendor == "meta" else 0)) for vendor, shape in _SHAPES
)

# Words that are ids of models and also words: only a place that says "model" makes them one.
_WORDS = {
    **dict.fromkeys(("o1", "o3", "o4", "chat-latest", "ada", "babbage", "curie", "davinci"), "openai"),
    **dict.fromkeys(("aqa",), "google"),
    **dict.fromkeys(("llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "llama2"), "meta"),
}

_GATEWAYS = {
    "azure": "azure",
    "azure-openai": "azure",
    "azure_ai": "azure",
    "bedrock": "bedrock",
    "@cf": "cloudflare",
    "amazon-bedrock": "bedrock",
    "bedrock_converse": "bedrock",
    "cerebras": "cerebras",
    "compatible": "compatible",
    "databricks": "databricks",
    "deepinfra": "deepinfra",
    "fireworks": "fireworks",
    "fireworks_ai": "fireworks",
    "github": "github-models",
    "google-vertex": "vertex",
    "google_vertexai": "vertex",
    "groq": "groq",
    "huggingface": "huggingface",
    "nvidia_nim": "nvidia",
    "ollama": "ollama",
    "ollama_chat": "ollama",
    "openrouter": "openrouter",
    "replicate": "replicate",
    "sambanova": "sambanova",
    "snowflake": "snowflake-cortex",
    "together": "together",
    "together_ai": "together",
    "togetherai": "together",
    "vertex": "vertex",
    "vertex_ai": "vertex",
    "vertex_ai_beta": "vertex",
}
"""First part of a spelling → platform."""

_OWNERS = {
    "anthropic": "anthropic",
    "claude": "anthropic",
    "openai": "openai",
    "gemini": "google",
    "google": "google",
    "google-gla": "google",
    "google_genai": "google",
    "googleai": "google",
    "meta": "meta",
    "meta-llama": "meta",
    "meta_llama": "meta",
    "mistral": "mistral",
    "mistralai": "mistral",
    "x-ai": "xai",
    "xai": "xai",
    "deepseek": "deepseek",
    "deepseek-ai": "deepseek",
    "cohere": "cohere",
    "qwen": "qwen",
}
"""A part of a spelling that names the vendor, or the vendor's own API."""

_PASSED_OVER = frozenset((
    "models", "messages", "chat", "completion", "converse", "converse_like", "invoke", "responses", "litellm_proxy",
    "accounts", "publishers",
))  # fmt: skip
"""Parts of a spelling that say how to ask, not whom."""

_GEO = r"(?:us|eu|apac|ap|au|jp|ca|sa|me|af|global|us-gov)"
_BEDROCK_VENDORS = (
    "anthropic|amazon|ai21|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer|zai"
)
_BEDROCK = re.compile(
    rf"(?:{_GEO}\.)?({_BEDROCK_VENDORS})\.([a-z][a-z0-9]*(?:[.-][a-z0-9]+)*)((?::\d+)+[a-z]*)?"
)
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:([a-z0-9-]*):\d*:(?:foundation-model|inference-profile)/(.+)")
_ROUTES = re.compile(r":(?:free|nitro|floor|online|thinking|beta|extended|exacto|latest)$")
_REGIONAL = re.compile(r"^(?:projects/[^/]+/)?locations/([a-z0-9-]+)/(publishers/.+)$")
_AWS_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_WINDOW = re.compile(r"\[\d+[km]\]$")
"""The context that some tools ask for behind an id: `claude-opus-4-6[1m]`."""
_FINE_TUNE = re.compile(r"ft:([a-z0-9.-]+)(?::[\w.-]*)+")


def read_id(text: str, *, platform: str | None = None, is_model: bool = False) -> ModelId | None:
    """Return the model that a whole string names, or None when it names none.

    Args:
        text: the string, such as the value of `model=`.
        platform: where the code around it asks ("openrouter", "azure", "vertex"), when that is known.
        is_model: the place says that it holds a model, so that ids which are also words count.
    """
    if not 2 <= len(text) <= 200 or any(char.isspace() for char in text):
        return None
    text = _WINDOW.sub("", text)
    if (arn := _ARN.fullmatch(text)) is not None:
        return _bedrock(arn[2], arn[1] or None)
    region = None
    if (placed := _REGIONAL.match(text)) is not None:
        region, text, platform = placed[1], placed[2], "vertex"
    if (tuned := _FINE_TUNE.fullmatch(text)) is not None:
        base = _vendor_of(tuned[1], is_model=True)
        return None if base is None else ModelId(platform or "openai", text, base, f"ft:{tuned[1]}")
    if (found := _bedrock(text, None)) is not None:
        return found
    return _prefixed(text, platform, region, is_model=is_model)


@lru_cache(maxsize=4096)
def plain_id(text: str) -> str:
    """Return any id in lower case, in the vendor's spelling where that is known, without what platforms put around it.

    That is: path, region, publisher, revision of a deployment, route. A fine-tune keeps its whole name.
    """
    found = read_id(text, is_model=True)
    if found is not None and not found.vendor_model.startswith("ft:"):
        return found.vendor_model.casefold()
    name = text.casefold().rsplit("/", 1)[-1].replace("@", "-")
    name = re.sub(r"^(?:[a-z]+\.)?[a-z]+\d*\.(?=[a-z])", "", name)
    return re.sub(r"-v\d+(?::\d+)?$|:(?:\d+|free|latest)$", "", name)


# A dated or numbered snapshot of the id before it: -20250929, -2024-08-06, -0613, -001.
_SNAPSHOT = re.compile(r"-(?:\d{3,4}|\d{6}|\d{8}|\d{4}-\d{2}-\d{2})")


def serves(requested: str, named: str) -> bool:
    """Whether a reply's id can be the requested model: the same id, a dated snapshot of it, or a platform's spelling.

    `claude-sonnet-4-5` may be answered as `claude-sonnet-4-5-20250929`; `gemini-3.7-flash` as `gemini-3.8-flash` not,
    nor `gpt-5` as `gpt-5.4`. An alias that ends in "latest" names no model, so any may answer.
    """
    first, second = plain_id(requested), plain_id(named)
    if first == second or first in set(named.casefold().split("/")) or first.endswith("latest"):
        return True
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return longer.startswith(shorter) and _SNAPSHOT.fullmatch(longer.removeprefix(shorter)) is not None


def fits(text: str, pattern: str) -> bool:
    """Whether an id fits a pattern with `*`, such as "claude-opus-4-*"; dots and dashes are one."""
    return fnmatchcase(plain_id(text).replace(".", "-"), pattern.replace(".", "-"))


def _prefixed(text: str, platform: str | None, region: str | None, *, is_model: bool) -> ModelId | None:
    """Read "gateway/vendor/id", "vendor:id" and the like from the left."""
    owner: str | None = None
    named: str | None = None
    rest = text
    publishers = rest.startswith("publishers/")
    while (cut := re.match(r"(@?[A-Za-z][\w-]*)[/:](?=.)", rest)) is not None:
        word = cut[1].lower()
        if word in _GATEWAYS and named is None and owner is None:
            named = _GATEWAYS[word]
        elif word in _OWNERS:
            owner = _OWNERS[word]
        elif named == "bedrock" and _AWS_REGION.fullmatch(word):
            region = word  # bedrock/us-west-2/…
        elif word == "accounts":
            named = "fireworks"
        elif word not in _PASSED_OVER and not (named == "fireworks" and word == "fireworks"):
            break
        rest = rest[cut.end() :]
        if named == "bedrock" and (found := _bedrock(rest, region)) is not None:
            return found
    if publishers:
        named = "vertex"
    bare, version = _without_version(rest.removeprefix("databricks-") if named == "databricks" else rest)
    routed = _ROUTES.sub("", bare)
    vendor = _vendor_of(routed, is_model=is_model or named is not None)
    if vendor is None or (owner is not None and owner != vendor):
        return None
    where = named or _platform(text, rest, vendor, owner, platform, version)
    if where == "bedrock":
        return None  # what Bedrock takes was read before
    model = rest if where in {"vertex", "ollama", "databricks"} else routed
    if where in {"openrouter", "huggingface"} and owner is not None:
        model = f"{_slug(rest, text)}/{routed}"
    return ModelId(where, model, vendor, _vendor_spelling(routed, version, vendor), region)


def _platform(text: str, rest: str, vendor: str, owner: str | None, hint: str | None, version: str) -> str:
    """Say where an id is asked for that names no gateway."""
    if version:
        return "vertex"
    # OpenRouter wants the vendor in front; Azure deploys what is OpenAI's.
    if hint is not None and (
        owner is not None if hint == "openrouter" else vendor == "openai" or hint != "azure"
    ):
        return hint
    dotted = (
        vendor == "anthropic"
        and re.search(r"\d\.\d", rest)
        and not re.match(r"claude-(?:instant-)?[12]\.", rest)
    )
    if (
        owner is not None
        and "/" in text
        and (dotted or _ROUTES.search(rest) or text.startswith("meta-llama/llama-"))
    ):
        return "openrouter"
    if rest.startswith("gpt-35-"):
        return "azure"
    if vendor == "meta" and owner is None and ":" in rest:
        return "ollama"
    return HOME[vendor]


def _slug(rest: str, text: str) -> str:
    """Return the part before the id: the vendor as the gateway spells it."""
    return text.removesuffix(rest).rstrip("/:").rsplit("/", 1)[-1]


def _bedrock(text: str, region: str | None) -> ModelId | None:
    match = _BEDROCK.fullmatch(text)
    if match is None:
        return None
    vendor, name, version = match[1], match[2], match[3] or ""
    model = f"{vendor}.{name}{version}"
    if (old := re.fullmatch(r"claude-(instant-)?v(\d)", name)) is not None:
        minor = f".{version[1:]}" if version not in {"", ":0"} else ""
        return ModelId("bedrock", model, vendor, f"claude-{old[1] or ''}{old[2]}{minor}", region)
    # "anthropic.types" is a module: a Claude has to look like one, other vendors' ids end in a version.
    is_id = (
        _vendor_of(_plain(name), is_model=False)
        if vendor == "anthropic"
        else version or re.search(r"-v\d+$", name)
    )
    return ModelId("bedrock", model, vendor, _plain(name), region) if is_id else None


def _plain(name: str) -> str:
    """Return the id inside a Bedrock id, without the revision of the deployment."""
    return re.sub(r"-v\d+$", "", name)


def _without_version(text: str) -> tuple[str, str]:
    """Split what follows an `@`: the version of a model on Vertex."""
    match = re.fullmatch(r"(.+)@([0-9]{3}|[0-9]{8}|default|latest)", text)
    return (match[1], match[2]) if match else (text, "")


def _vendor_of(text: str, *, is_model: bool) -> str | None:
    for vendor, shape in _BARE:
        if shape.fullmatch(text):
            return vendor
    if text.startswith("gpt-35-"):
        return "openai"
    return _WORDS.get(text) if is_model else None


def _vendor_spelling(text: str, version: str, vendor: str) -> str:
    if vendor == "anthropic":
        text = (
            re.sub(r"(?<=\d)\.(?=\d)", "-", text)
            if not re.match(r"claude-(?:instant-)?[12]\.", text)
            else text
        )
        text = re.sub(r"-v\d+$", "", text)
    if text.startswith("gpt-35-"):
        text = text.replace("gpt-35-", "gpt-3.5-", 1)
    return f"{text}-{version}" if version.isdecimal() else text
