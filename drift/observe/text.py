# Features of visible text: JSON and its wrapping, labels, verifiable constraints, Markdown, scripts.
# Owns: how each feature is read. Refuses to know: whether a feature is good, and what the other side showed.
"""Features of the visible text of one reply."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from drift.canonical import StrictJSONError, strict_loads
from drift.model import JSON, Expect
from drift.shapes import shape_of
from drift.validation import SchemaError, allows

FENCE = "```"
_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
# White space before something in a line is looked for in that line: over line ends it would be tried from every one.
_LIST = re.compile(r"^[^\S\n]*(?:[-*•]|\d+[.)]) ", re.MULTILINE)
_BULLET = re.compile(r"^[^\S\n]*[-*•] +\S", re.MULTILINE)
_NUMBERED = re.compile(r"^[^\S\n]*\d+[.)] +\S", re.MULTILINE)
_TABLE = re.compile(r"^[^\S\n]*\|.*\|[^\S\n]*\n\s*\|[\s:|-]+\|", re.MULTILINE)
# A dollar opens a formula before and closes it behind a character, and no digit follows: two prices are none.
_LATEX = re.compile(
    r"\\\(|\\\[|\$\$|\\(?:frac|sqrt|times|cdot|text)\b|\$(?=\S)[^$\n]{1,80}[\\^_][^$\n]{0,80}(?<=\S)\$(?!\d)"
)
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_AS_AN_AI = re.compile("as an ai", re.IGNORECASE)
# Openings that string matchers take for a refusal; a figure to compare with theirs, never evidence alone.
_REFUSAL_OPENING = re.compile(
    r"\s*(?:I apologi[sz]e|I(?:'|’)m sorry|I am sorry|Sorry|Unfortunately|I cannot|I can(?:'|’)t)",  # noqa: RUF001 both quotes are written
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|[。！？]")  # noqa: RUF001 the characters are meant
_WORD = re.compile(r"\w+(?:['’-]\w+)*")  # noqa: RUF001 the characters are meant
_SPACE = re.compile(r"\s+")
_DECORATION = " \t\r\n.,;:!?\"'`*_()[]{}<>“”‘’«»"  # noqa: RUF001 the characters are meant

_SCRIPTS: dict[str, re.Pattern[str]] = {
    "latin": re.compile("[A-Za-zÀ-ɏ]"),
    "han": re.compile("[\u3400-\u9fff\uf900-\ufaff]"),
    "kana": re.compile("[\u3040-\u30ff]"),
    "hangul": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "hebrew": re.compile("[\u0590-\u05ff]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "thai": re.compile("[\u0e00-\u0e7f]"),
    "greek": re.compile("[\u0370-\u03ff]"),
}

_LANGUAGE_SCRIPT = {
    "zh": "han", "ja": "kana", "ru": "cyrillic", "ar": "arabic", "el": "greek", "hi": "devanagari",
}  # fmt: skip
_LANGUAGE_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is that it for with as was on are this be by an or not you your",
        "fr": "le la les de des et un une est pour dans que qui sur avec pas vous votre ce il elle du au",
        "de": "der die das und ist nicht ein eine mit für auf sie den dem zu von im wir ich es auch sind",
        "es": "el la los las de y un una es para en que con no por su se al del como más lo está",
    }.items()
}


def text_features(text: str, expect: Expect, *, machine_read: bool) -> dict[str, JSON]:
    """Return the features of one visible text.

    Args:
        text: visible text of the reply.
        expect: what the probe holds the answer to.
        machine_read: the probe asks for raw JSON or code, so wrapping around the payload is looked at.
    """
    found: dict[str, JSON] = {
        "text.chars": len(text),
        "text.digest": _digest(text),
        "text.fence": FENCE in text,
        "md.bold": "**" in text,
        "md.heading": "#" in text and _HEADING.search(text) is not None,
        "md.list": _LIST.search(text) is not None,
        "md.table": "|" in text and _TABLE.search(text) is not None,
        "md.latex": ("\\" in text or "$" in text) and _LATEX.search(text) is not None,
        "md.emoji": not text.isascii() and _EMOJI.search(text) is not None,
        "text.as_an_ai": _AS_AN_AI.search(text) is not None,
        "text.refusal_opening": _REFUSAL_OPENING.match(text) is not None,
    }
    if text.strip():
        if expect.json or expect.schema is not None:
            found |= _json_features(text, expect.schema)
            if found["json.valid"]:
                found["text.fence"] = False  # what looks like one stands inside a string
        elif machine_read:
            found |= _wrapping(text)
        if expect.labels:
            found |= _label_features(text, expect.labels)
        if expect.pattern is not None:
            found["format.pattern"] = re.fullmatch(expect.pattern, text.strip(), re.DOTALL) is not None
        for name, argument in expect.checks.items():
            found[f"check.{name}"] = CHECKS[name](text.strip(), argument)
    if "python" in expect.checks:  # the fence is a matter of form: what is in it is judged apart
        found["answer.correct"] = _defines(strip_fence(text).strip(), expect.checks["python"])
    if expect.trap is not None:  # a reply that names the wrong claim beside the right answer has not given in
        kept = expect.answer is not None and _holds_word(text, expect.answer)
        found["trap"] = re.search(expect.trap, text.strip(), re.IGNORECASE) is not None and not kept
    elif expect.answer is not None:
        value = found.get("label.value")
        found["answer.correct"] = (
            value == expect.answer if expect.labels else _holds_word(text, expect.answer)
        )
    return found


def _digest(text: str) -> str:
    """Return a hash of a text as it is; half a surrogate pair, which model text may hold, counts as well."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# ---------------------------------------------------------------- JSON and what is wrapped around it


def strip_fence(text: str) -> str:
    """Return the content of the one fenced block when there is exactly one, else the text."""
    blocks = _FENCED.findall(text)
    return blocks[0] if len(blocks) == 1 else text


def _wrapping(text: str) -> dict[str, JSON]:
    """Text around one fenced block of a machine-read answer that is not JSON (code)."""
    match = _FENCED.search(text)
    if match is None:
        return {"text.preamble": False, "text.trailing": False}
    return {
        "text.preamble": bool(text[: match.start()].strip()),
        "text.trailing": bool(text[match.end() :].strip().removeprefix(FENCE).strip()),
    }


def _json_features(text: str, schema: JSON) -> dict[str, JSON]:
    found: dict[str, JSON] = {"text.preamble": False, "text.trailing": False}
    try:
        value = strict_loads(text)
        found["json.valid"] = True
    except StrictJSONError:
        found["json.valid"] = False
        located = _locate_json(text)
        if located is None:
            return {**found, "json.found": False}
        value, before, after = located
        found["text.preamble"] = bool(before)
        found["text.trailing"] = bool(after)
    found["json.found"] = True
    if schema is None:  # a declared schema says what may be there; else only the other side can tell
        found["json.shape"] = shape_of(value)
    else:
        with suppress(SchemaError):  # a schema that cannot be used decides nothing
            found["json.schema_ok"] = allows(schema, value)
    return found


def _locate_json(text: str) -> tuple[JSON, str, str] | None:
    """Find the one JSON object or array inside a text: (value, words before, words after); fences do not count."""
    inner = strip_fence(text)
    outside_before, outside_after = "", ""
    if inner is not text:
        start = text.index(inner)
        outside_before = text[:start].rsplit(FENCE, 1)[0].strip()
        outside_after = text[start + len(inner) :].strip().removeprefix(FENCE).strip()
    span = _longest_json(inner)
    if span is None:
        return None
    start, end = span
    try:
        value = strict_loads(inner[start:end])
    except StrictJSONError:
        return None
    before = " ".join(filter(None, (outside_before, inner[:start].strip())))
    after = " ".join(filter(None, (inner[end:].strip(), outside_after)))
    return value, before, after


_TRIES = 50
"""Brackets that are tried as the start of a payload: hostile text may hold any number of them."""


def _longest_json(text: str) -> tuple[int, int] | None:
    """Return start and end of the longest JSON object or array that stands in no open bracket of a cut one."""
    longest: tuple[int, int] | None = None
    end = tries = 0
    for match in _OPENING.finditer(text):
        start = match.start()
        if start < end:
            continue
        tries += 1
        if tries > _TRIES or any(text.count(a, 0, start) > text.count(b, 0, start) for a, b in ("{}", "[]")):
            break
        try:
            _, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if longest is None or end - start > longest[1] - longest[0]:
            longest = start, end
    return longest


# ---------------------------------------------------------------- labels and answers


def normalise_label(text: str) -> str:
    """Return a label without case, quotes, Markdown and punctuation around it."""
    return _SPACE.sub(" ", text.strip(_DECORATION)).casefold()


def _label_features(text: str, labels: tuple[str, ...]) -> dict[str, JSON]:
    stripped = text.strip()
    if stripped in labels:
        return {"label.ok": True, "label.value": stripped}
    by_norm = {normalise_label(label): label for label in labels}
    value = by_norm.get(normalise_label(stripped))
    held = [label for label in labels if _holds_word(stripped, label)] if value is None else [value]
    return {"label.ok": False, "label.value": held[0] if len(held) == 1 else None}


def _holds_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


# ---------------------------------------------------------------- verifiable constraints


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _sentences(text: str) -> int:
    ends = len(_SENTENCE_END.findall(text))
    last = text.rstrip()[-1:]
    return ends if last in ".!?…。！？" else ends + bool(text.strip())  # noqa: RUF001


def _language(text: str, language: str) -> bool:
    script = _LANGUAGE_SCRIPT.get(language)
    counts = script_counts(text)
    letters = sum(counts.values())
    if not letters:
        return False
    if script is not None:
        kana = counts.get("kana", 0)  # tells Japanese from Chinese, which share the Han characters
        own = counts.get(script, 0) + (counts.get("han", 0) if language == "ja" else 0)
        return own / letters > 0.5 and (bool(kana) if language == "ja" else language != "zh" or not kana)
    if counts.get("latin", 0) / letters <= 0.8:
        return False
    words = [word.casefold() for word in _words(text)]
    scores = {name: sum(word in stops for word in words) for name, stops in _LANGUAGE_WORDS.items()}
    return scores[language] > 0 and scores[language] == max(scores.values())


def _defines(text: str, name: str) -> bool:
    """Whether a text is Python source, as it stands, and defines a function of that name. It is read and never run."""
    import ast

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a wrong escape in a model's code is no warning of ours
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, kinds) and node.name == name for node in tree.body)


CHECKS: Mapping[str, Callable[[str, Any], bool]] = {
    "max_words": lambda text, n: len(_words(text)) <= n,
    "min_words": lambda text, n: len(_words(text)) >= n,
    "max_chars": lambda text, n: len(text) <= n,
    "sentences": lambda text, n: _sentences(text) == n,
    "lines": lambda text, n: sum(bool(line.strip()) for line in text.splitlines()) == n,
    "bullets": lambda text, n: len(_BULLET.findall(text)) == n,
    "numbered": lambda text, n: len(_NUMBERED.findall(text)) == n,
    "paragraphs": lambda text, n: len([part for part in re.split(r"\n\s*\n", text) if part.strip()]) == n,
    "lowercase": lambda text, on: (text == text.lower()) is bool(on),
    "uppercase": lambda text, on: (text == text.upper()) is bool(on),
    "title_case": lambda text, on: (
        all(word[0].isupper() for word in _words(text) if word[0].isalpha()) is bool(on)
    ),
    "starts_with": lambda text, start: text.startswith(start),
    "ends_with": lambda text, end: text.endswith(end),
    "contains": lambda text, parts: all(part.casefold() in text.casefold() for part in parts),
    "excludes": lambda text, parts: not any(_holds_word(text, part) for part in parts),
    "language": _language,
    "script": lambda text, script: set(script_counts(text)) <= {script},
    "python": _defines,
    "no_commas": lambda text, on: ("," not in text) is bool(on),
    "no_digits": lambda text, on: (not any(c.isdigit() for c in text)) is bool(on),
    "quoted": lambda text, on: (len(text) > 1 and text[0] == text[-1] == '"') is bool(on),
    "regex": lambda text, pattern: re.search(pattern, text) is not None,
    "unique_words": lambda text, on: (
        (len({w.casefold() for w in _words(text)}) == len(_words(text))) is bool(on)
    ),
}
"""Verifiable constraints: name → (stripped text, argument) → held."""


# ---------------------------------------------------------------- scripts


def script_counts(text: str) -> dict[str, int]:
    """Return how many characters of each script a text holds; scripts with none are left out."""
    if text.isascii():
        count = sum(map(str.isalpha, text))
        return {"latin": count} if count else {}
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    return {name: count for name, count in counts.items() if count}
