# What stands beside a string in its bracket, or in its chain of calls: the parameters of a request, in any
# bracketed language.
# Owns: matching brackets, statements, names of entries. Refuses to know: comments and quotes (lexer), ids,
# parameters' meaning.
"""Find requests around the strings that name a model."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from drift.model import JSON
from drift.scan.found import ENDS_WITH_ASSISTANT, MODEL_KEYS, NESTED, Parameter, Request, names_model

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


_ASKED = re.compile(
    r"(?:messages|completions|responses|models)\s*(?:\.|->|::)\s*(?:create|stream|new|parse|generate_?content)\w*\s*(?=\()",
    re.IGNORECASE,
)


def find_requests(
    bare: str,
    blank: str,
    brackets: Brackets,
    strings: Iterable[tuple[int, str]],
    lines: Lines,
    bound: Mapping[str, str | None],
) -> Iterator[Request]:
    """Yield the requests that strings stand in, and those that name their model by a name.

    Args:
        bare: the text without comments.
        blank: the text without comments and strings.
        brackets: those of `blank`.
        strings: (start, content) of strings, or of constants, that may name a model.
        lines: those of the text.
        bound: name → string that it is bound to; None when there are several.
    """
    source = _Source(bare, blank, brackets, lines)
    for start, value in strings:
        region = _region(blank, brackets, start)
        if region is None:
            continue
        first, last, is_chain = region
        found = tuple(source.parameters(first, last, is_chain=is_chain))
        before = blank[max(0, first - 120) : first] + (
            blank[first : min(last, first + 120)] if is_chain else ""
        )
        yield Request(*lines.at(start), value, found, _api_of(before))
    for call in _ASKED.finditer(blank):
        span = brackets.around(call.end() + 1)
        if span is None or span[0] != call.end() or span[1] - span[0] > 2 * _WINDOW:
            continue
        found = tuple(source.arguments(*span))
        named = next((one for one in found if one.name in MODEL_KEYS), None)
        model = None
        if named is not None:
            model = str(named.value) if named.is_known else source.bound_at(named, bound)
        if found:
            yield Request(*lines.at(call.start()), model, found, _api_of(blank[call.start() : span[0]]))


def _api_of(before: str) -> str:
    shown = before.rstrip("({ \n\t")
    return next((name for shape, name in _APIS if re.search(shape, shown, re.IGNORECASE)), "")


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


_NAMED = re.compile(
    r"(?<![\w.])[$@]?(?P<name>[A-Za-z_]\w*)\s*(?::[^=\n{};]{1,80})?\s*(?::=|=)\s*(?:new\s+|&)?(?:[\w.<>]{1,80}\s*)?(?=[{\[(])"
)
_SET = re.compile(
    r"(?<![\w.>])[$@]?(?P<name>[A-Za-z_]\w*)(?:\.|->|\[[\"':])(?P<key>[A-Za-z_]\w*)[\"']?\]?\s*=(?![=>~])[ \t]*"
)
_GROWN = r"(?<![\w.])[$@]?{}\s*(?:\.(?:push|append|add|concat|unshift)\b|<<|\[\]\s*=)"
_SPREAD = re.compile(r"(?:\.\.\.|\*\*)\s*[$@]?(?P<name>[A-Za-z_]\w*)(?![\w.(])")
_BARE = re.compile(r"(?:^|,)\s*[&$@*]?(?P<name>[A-Za-z_]\w*)\s*(?=,|$)")
_SHORT = re.compile(rf"(?:^|,)\s*(?P<name>{'|'.join(MODEL_KEYS)})\s*(?=,|$)")
_ROLE = re.compile(r"[\"':]?role[\"']?\s*(?:=>|:|=)\s*[\"'`]assistant[\"'`]", re.IGNORECASE)
_HOPS = 3
_MOST_ENTRIES = 50_000
"""Later entries that are followed in one file."""


@dataclass
class _Source:
    """A text, and the bracketed values that its names are bound to."""

    bare: str
    blank: str
    brackets: Brackets
    lines: Lines
    _named: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _names: dict[tuple[int, int], str] = field(default_factory=dict)
    _set: dict[str, list[re.Match[str]]] = field(default_factory=dict)
    _left: int = _MOST_ENTRIES

    def __post_init__(self) -> None:
        for match in _NAMED.finditer(self.blank):
            span = self.brackets.around(match.end() + 1)
            if span is not None and span[0] == match.end():
                self._named.setdefault(match["name"], []).append(span)
                self._names[span] = match["name"]
        for match in _SET.finditer(self.bare):
            self._set.setdefault(match["name"], []).append(match)

    def parameters(self, first: int, last: int, *, is_chain: bool, hops: int = 0) -> Iterator[Parameter]:
        """Yield what stands in a bracket or chain, what is spread into it, and what its name is given afterwards."""
        flat = self.brackets.flat(self.bare, first, last)
        if not is_chain and hops < _HOPS:
            for spread in _SPREAD.finditer(flat):
                yield from self._of_name(spread["name"], first, hops + 1)
        yield from self._own(flat, first, last, is_chain=is_chain)
        if not is_chain:
            name = self._names.get((first - 1, last))
            if name is not None and not hops:
                spans = self._named[name]
                number = bisect_right(spans, (last, last))
                yield from self._later(
                    name, last, spans[number][0] if number < len(spans) else len(self.bare)
                )

    def arguments(self, opening: int, closing: int) -> Iterator[Parameter]:
        """Yield what a call is given: entries of mappings and names that stand for such."""
        inner = self.brackets.flat(self.bare, opening + 1, closing)
        for name in _BARE.finditer(inner):
            yield from self._of_name(name["name"], opening, 1)
        display = self.brackets.around(opening + 2 + len(inner) - len(inner.lstrip()))
        if inner.lstrip()[:1] in {"{", "["} and display is not None and display[0] > opening:
            yield from self.parameters(display[0] + 1, display[1], is_chain=False, hops=1)
        else:
            yield from self.parameters(opening + 1, closing, is_chain=False, hops=1)

    def bound_at(self, parameter: Parameter, bound: Mapping[str, str | None]) -> str | None:
        """Return the string, or the constant of an SDK, that the value of a parameter is bound to: `model: MODEL`."""
        word = str(parameter.value or parameter.name).rpartition(".")[2]
        return bound.get(word) or re.sub(r"^Models?(?=[A-Z])", "", word)

    def _of_name(self, name: str, use: int, hops: int) -> Iterator[Parameter]:
        span = self._before(name, use)
        if span is not None and hops <= _HOPS:
            opening, closing = span
            yield from self.parameters(opening + 1, closing, is_chain=False, hops=hops)
            yield from self._later(name, closing, use)

    def _before(self, name: str, use: int) -> tuple[int, int] | None:
        """Return the bracket that a name is bound to where it is used: the last one before."""
        spans = self._named.get(name, [])
        number = bisect_right(spans, (use, use)) - 1
        return spans[number] if number >= 0 and spans[number][1] < use else None

    def _later(self, name: str, start: int, end: int) -> Iterator[Parameter]:
        given = self._set.get(name, [])
        for match in given[bisect_right(given, start, key=re.Match.start) :]:
            self._left -= 1
            if match.start() >= end or self._left < 0:
                break
            text = _value_text(self.bare, self.brackets, match.end(), match.end() + 400, is_call=False)
            yield Parameter(match["key"], *self.lines.at(match.start("key")), *_value(text))

    def _own(self, flat: str, first: int, last: int, *, is_chain: bool) -> Iterator[Parameter]:
        bare, brackets, lines = self.bare, self.brackets, self.lines
        turns = []
        for match in (_CALL if is_chain else _ENTRY).finditer(flat):
            at = first + match.start("name")
            value_at = first + match.end()
            name = match["name"]
            inner = (
                brackets.around(value_at + 1) if bare[value_at : value_at + 1] in {"{", "[", "("} else None
            )
            if inner is not None and inner[0] != value_at:
                inner = None
            if name in NESTED and inner is not None:
                yield from self.parameters(inner[0] + 1, inner[1], is_chain=False, hops=_HOPS)
                continue
            if is_chain and re.match(r"add(?:User|Assistant)Message", name, re.IGNORECASE):
                turns.append((name, at))
            text = _value_text(bare, brackets, value_at, last, is_call=is_chain)
            if name == "messages":
                turn = self._last_turn(inner, text, value_at)
                if turn is not None:
                    yield Parameter(name, *lines.at(turn), ENDS_WITH_ASSISTANT, is_known=True)
                continue
            if name in MODEL_KEYS and not is_chain and (word := re.match(r"[$@]?([\w.]+)\s*$", text)):
                value, known = _value(text)
                yield Parameter(name, *lines.at(at), value if known else word[1], known)
                continue
            yield Parameter(name, *lines.at(at), *_value(text))
        for alone in () if is_chain else _SHORT.finditer(flat):
            yield Parameter(alone["name"], *lines.at(first + alone.start("name")), alone["name"])
        if turns and "assistant" in turns[-1][0].lower():
            yield Parameter("messages", *lines.at(turns[-1][1]), ENDS_WITH_ASSISTANT, is_known=True)
        if not is_chain:
            # Options that are calls: WithTemperature(0.2)
            for match in _CALL.finditer(flat):
                if re.match(r"(?:with|set)_?[A-Z_a-z]", match["name"], re.IGNORECASE):
                    text = _value_text(bare, brackets, first + match.end(), last, is_call=True)
                    yield Parameter(match["name"], *lines.at(first + match.start("name")), *_value(text))

    def _last_turn(self, inner: tuple[int, int] | None, text: str, use: int) -> int | None:
        """Return where the last turn stands when it is one of the assistant, None when it is not, or not known."""
        if inner is None:
            name = re.match(r"[$@]?(\w+)\s*$", text)
            inner = self._before(name[1], use) if name else None
            if name is None or inner is None:
                return None
            if re.search(_GROWN.format(re.escape(name[1])), self.blank[inner[1] : use]):
                return None
        flat = self.brackets.flat(self.bare, inner[0] + 1, inner[1]).rstrip(", \n\t")
        if flat[-1:] not in {"}", "]", ")"}:
            return None
        last = self.brackets.around(inner[0] + len(flat))
        if last is None or last[0] <= inner[0]:
            return None
        return last[0] if _ROLE.search(self.bare, last[0], last[1]) else None


def _value_text(bare: str, brackets: Brackets, at: int, last: int, *, is_call: bool) -> str:
    if is_call:
        span = brackets.around(at)
        return bare[at : span[1]][:200] if span else ""
    flat = brackets.flat(bare, at, last)
    end = re.search(r"[,;\n]|$", flat)
    return bare[at : at + (end.start() if end else 0)][:200]


_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


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
