# What stands beside a string in its bracket, or in its chain of calls: the parameters of a request, in any
# bracketed language.
# Owns: matching brackets, statements, names of entries. Refuses to know: comments and quotes (lexer), ids,
# parameters' meaning.
"""Find requests around the strings that name a model."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from drift.model import JSON
from drift.scan.found import NESTED, Parameter, Request, names_model

_OPEN = {"(": ")", "[": "]", "{": "}"}
_WINDOW = 4000  # characters on either side of a string that a statement may take
_DEEPEST = 20  # unclosed brackets that a closing one may skip


class Lines:
    """Offsets as lines and columns, from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class Brackets:
    """The brackets of a text without strings and comments."""

    def __init__(self, blank: str) -> None:
        spans: list[tuple[int, int]] = []
        stack: list[tuple[str, int]] = []
        for match in re.finditer(r"[()\[\]{}]", blank):
            if match[0] in _OPEN:
                stack.append((match[0], match.start()))
                continue
            # A bracket without its partner closes the nearest of its kind; the others are forgotten.
            for depth in range(len(stack) - 1, max(-1, len(stack) - 1 - _DEEPEST), -1):
                if _OPEN[stack[depth][0]] == match[0]:
                    spans.append((stack[depth][1], match.start()))
                    del stack[depth:]
                    break
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]
        self._around: list[int] = []
        open_ones: list[int] = []
        for number, (start, _) in enumerate(self._spans):
            while open_ones and self._spans[open_ones[-1]][1] < start:
                open_ones.pop()
            self._around.append(open_ones[-1] if open_ones else -1)
            open_ones.append(number)

    def around(self, offset: int) -> tuple[int, int] | None:
        """Return (opening, closing) of the innermost bracket around an offset, None when there is none."""
        number = bisect_right(self._starts, offset) - 1
        while number >= 0 and not self._spans[number][0] < offset <= self._spans[number][1]:
            number = self._around[number]
        return self._spans[number] if number >= 0 else None

    def flat(self, text: str, start: int, end: int) -> str:
        """Return a part of the text with the contents of the brackets in it left blank."""
        pieces = []
        at = start
        number = bisect_right(self._starts, start - 1)
        while number < len(self._spans) and self._spans[number][0] < end:
            opening, closing = self._spans[number]
            if opening >= at and closing <= end:
                pieces += [text[at : opening + 1], re.sub(r"[^\n]", " ", text[opening + 1 : closing])]
                at = closing
            number += 1
        return "".join([*pieces, text[at:end]])


_APIS = (
    (r"messages\W{0,3}(?:create|stream|new)\w*\W*$|Message(?:New|Create)Params", "anthropic"),
    (r"chat\W{0,3}completions|ChatCompletion(?:New|Create)?(?:Params|Request|Options)", "openai-chat"),
    (r"responses\W{0,3}(?:create|stream|new)\w*\W*$|Response(?:New|Create)Params", "openai-responses"),
    (r"generate_?content|getGenerativeModel", "gemini"),
)
_ALONE = re.compile(r"\s*(?:[\w.]+(?:!?\(\s*\))?\s*)?")
_BOUNDARY = re.compile(r"[;{}]|\n(?!\s*[.?)])")
_ENTRY = re.compile(
    r"(?:^|(?<=[,{(;\n\s]))[\"':@]?(?P<name>[A-Za-z_][\w-]*)[\"']?\s*(?:=>|:=|=(?![=>])|:(?!:))[ \t]*"
)
_CALL = re.compile(r"(?:\.|\b)(?P<name>[A-Za-z_]\w*)\s*\(")


def find_requests(
    bare: str, blank: str, brackets: Brackets, strings: Iterable[tuple[int, str]], lines: Lines
) -> Iterator[Request]:
    """Yield the requests that strings stand in.

    Args:
        bare: the text without comments.
        blank: the text without comments and strings.
        brackets: those of `blank`.
        strings: (start, content) of strings, or of constants, that may name a model.
        lines: those of the text.
    """
    for start, value in strings:
        region = _region(blank, brackets, start)
        if region is None:
            continue
        first, last, is_chain = region
        found = tuple(_parameters(bare, brackets, first, last, lines, is_chain=is_chain))
        before = blank[max(0, first - 120) : first] + (
            blank[first : min(last, first + 120)] if is_chain else ""
        )
        api = next(
            (name for shape, name in _APIS if re.search(shape, before.rstrip("({ \n\t"), re.IGNORECASE)), ""
        )
        yield Request(*lines.at(start), value, found, api)


def _region(blank: str, brackets: Brackets, start: int) -> tuple[int, int, bool] | None:
    """Return (start, end, is a chain of calls) of what a request may stand in."""
    span = brackets.around(start)
    for _ in range(3):
        if span is None:
            return None
        opening, closing = span
        if blank[opening] != "(" or not _ALONE.fullmatch(blank, opening + 1, closing):
            break
        # F("id") and String("id") only wrap; .model("id") is a link of a chain.
        called = re.search(r"([A-Za-z_]\w*)!?\s*$", blank[max(0, opening - 60) : opening])
        if called and names_model(called[1]):
            return (*_chain(blank, brackets, opening, closing), True)
        span = brackets.around(opening)
    if span is None or span[1] - span[0] > 2 * _WINDOW or _is_body(blank, brackets, *span):
        return None
    return span[0] + 1, span[1], False


_BODY = re.compile(
    r"(?:\)|\b(?:class|struct|enum|interface|object|namespace|record|trait|impl|module|package|extension|do|else|try|begin|loop|"
    r"finally|init|static|main|unsafe|async)\b[^{};()]*|->\s*[\w.<>\[\]?& ]*|\)\s*(?:throws|:)[^{};()]*)\s*$"
)


def _is_body(blank: str, brackets: Brackets, opening: int, closing: int) -> bool:
    """Whether a curly bracket holds statements or members, not the entries of one value."""
    if blank[opening] != "{":
        return False
    return _BODY.search(blank, max(0, opening - 200), opening) is not None or ";" in brackets.flat(
        blank, opening + 1, closing
    )


def _chain(blank: str, brackets: Brackets, opening: int, closing: int) -> tuple[int, int]:
    """Return the statement of a chain of calls: lines that go on with a dot belong together."""
    outer = brackets.around(opening) or (-1, len(blank))
    low, high = max(outer[0] + 1, opening - _WINDOW), min(outer[1], closing + _WINDOW)
    begin, stop = low, high
    for boundary in _BOUNDARY.finditer(brackets.flat(blank, low, high)):
        if low + boundary.start() < opening:
            begin = low + boundary.end()
        elif low + boundary.start() > closing:
            stop = low + boundary.start()
            break
    return begin, stop


def _parameters(
    bare: str, brackets: Brackets, first: int, last: int, lines: Lines, *, is_chain: bool
) -> Iterator[Parameter]:
    flat = brackets.flat(bare, first, last)
    for match in (_CALL if is_chain else _ENTRY).finditer(flat):
        at = first + match.start("name")
        value_at = first + match.end()
        name = match["name"]
        inner = brackets.around(value_at + 1) if bare[value_at : value_at + 1] in {"{", "[", "("} else None
        if name in NESTED and inner is not None and inner[0] >= value_at:
            yield from _parameters(bare, brackets, inner[0] + 1, inner[1], lines, is_chain=False)
            continue
        text = _value_text(bare, brackets, value_at, last, is_call=is_chain)
        yield Parameter(name, *lines.at(at), *_value(text))
    if not is_chain:
        # Options that are calls: WithTemperature(0.2)
        for match in _CALL.finditer(flat):
            if re.match(r"(?:with|set)_?[A-Z_a-z]", match["name"], re.IGNORECASE):
                text = _value_text(bare, brackets, first + match.end(), last, is_call=True)
                yield Parameter(match["name"], *lines.at(first + match.start("name")), *_value(text))


def _value_text(bare: str, brackets: Brackets, at: int, last: int, *, is_call: bool) -> str:
    if is_call:
        span = brackets.around(at)
        return bare[at : span[1]][:200] if span else ""
    flat = brackets.flat(bare, at, last)
    end = re.search(r"[,;\n]|$", flat)
    return bare[at : at + (end.start() if end else 0)][:200]


_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _value(text: str) -> tuple[JSON, bool]:
    """Return (value, known) of a number, a string or a word of JSON; of an object what is literal in it."""
    text = (
        re.sub(r"^(?:[\w.]+\()?\s*|\s*\)*[fFdDmM]?\s*$", "", text.strip())
        if not text.strip().startswith("{")
        else text.strip()
    )
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text), True
    if (quoted := re.fullmatch(r"[\"'`]([^\"'`\n]*)[\"'`]", text)) is not None:
        return quoted[1], True
    words: dict[str, JSON] = {"true": True, "false": False, "null": None, "nil": None}
    if text in words:
        return words[text], True
    if "{" in text:
        pairs = re.findall(r"[\"']?(\w+)[\"']?\s*(?:=>|:|=)\s*[\"'`]([^\"'`\n]*)[\"'`]", text)
        return dict(pairs), bool(pairs)
    return None, False
