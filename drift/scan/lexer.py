# Other languages by their strings: what is a comment, what is a string, and the few signs around a string
# that tell its use.
# Owns: the lexical rules of each language. Refuses to know: grammar beyond that, ids, dates.
"""Read the literals of a language, comments skipped.

A lexer that knows comments, quotes and escapes is enough to find strings. Names of parameters are looked for
in the bracket, or in the chain of calls, that a string stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from drift.model import JSON
from drift.scan.brackets import Brackets, Lines, find_requests
from drift.scan.found import (
    ENDS_WITH_ASSISTANT,
    MAYBE,
    Code,
    Parameter,
    Request,
    Role,
    Text,
    bound_by,
    pieces,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A kind of string: how it opens and closes.

    Attributes:
        open, close: delimiters; `open` is an expression, and `close` may use its groups as {0}.
        escape: a character that takes the next one along, or "".
        doubled: a doubled closing delimiter is one of the content.
        lines: the string may run over lines; else it ends with the line, and was no string then.
        doc: an expression; a string that it precedes is documentation.
    """

    open: str
    close: str
    escape: str = "\\"
    doubled: bool = False
    lines: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The lexical rules of a language.

    Attributes:
        line: expressions that begin a comment to the end of the line.
        block: (open, close, nests) of comments.
        quotes: kinds of strings, the longest opening first.
        regex: `/…/` may be an expression.
        script: words outside strings count too: a shell.
        outside: an expression; only what it matches is code (PHP in a page).
        constants: the vendors' SDKs of this language name models by constants.
    """

    line: tuple[str, ...] = ()
    block: tuple[tuple[str, str, bool], ...] = ()
    quotes: tuple[Quote, ...] = ()
    regex: bool = False
    script: bool = False
    outside: str = ""
    constants: bool = False


_DOUBLE, _SINGLE = Quote('"', '"'), Quote("'", "'")
_TRIPLE = Quote('"""', '"""', lines=True)
_RAW_TRIPLE = Quote('"""', '"""', escape="", lines=True)
_C_BLOCK = (("/*", "*/", False),)
_NESTED_BLOCK = (("/*", "*/", True),)
_CHAR = Quote(r"'(?=\\?.{1,8}?')", "'")
_HEREDOC = Quote(r"<<[-~]?[ \t]*([\"'`]?)([A-Za-z_]\w*)\1[^\n]*\n", r"^[ \t]*{2}\b", escape="", lines=True)

_ELIXIR_DOC = r"@(?:module|type)?doc\s+(?:~[sS])?$"

C = Syntax((r"//",), _C_BLOCK, (Quote(r'R"([^()\s]*)\(', r"\){1}\"", "", lines=True), _DOUBLE, _CHAR))
CSHARP = Syntax(
    (r"//",),
    _C_BLOCK,
    (
        Quote(r'\$*("{3,})', "{1}", "", lines=True),
        Quote(r'(?:\$@|@\$|@)"', '"', "", doubled=True, lines=True),
        _DOUBLE,
        _CHAR,
    ),
    constants=True,
)
DART = Syntax((r"//",), _NESTED_BLOCK, (_TRIPLE, Quote("'''", "'''", lines=True), _DOUBLE, _SINGLE))
FSHARP = Syntax(
    (r"//",), (("(*", "*)", True),), (_TRIPLE, Quote('@"', '"', "", doubled=True, lines=True), _DOUBLE, _CHAR)
)
ZIG = Syntax((r"//",), (), (_DOUBLE, _CHAR))
ELIXIR = Syntax(
    (r"#",),
    (),
    (
        Quote('"""', '"""', lines=True, doc=_ELIXIR_DOC),
        Quote('"', '"', lines=True, doc=_ELIXIR_DOC),
        _SINGLE,
    ),
)
GO = Syntax((r"//",), _C_BLOCK, (Quote("`", "`", "", lines=True), _DOUBLE, _CHAR), constants=True)
GROOVY = Syntax((r"//",), _C_BLOCK, (_TRIPLE, Quote("'''", "'''", lines=True), _DOUBLE, _SINGLE))
HASKELL = Syntax((r"--(?![^\s\w\-])",), (("{-", "-}", True),), (_DOUBLE, _CHAR))
JAVA = Syntax((r"//",), _C_BLOCK, (_TRIPLE, _DOUBLE, _CHAR), constants=True)
JAVASCRIPT = Syntax(
    (r"//",), (*_C_BLOCK, ("<!--", "-->", False)), (Quote("`", "`", lines=True), _DOUBLE, _SINGLE), regex=True
)
JULIA = Syntax(
    (r"#(?!=)",),
    (("#=", "=#", True),),
    (Quote('"""', '"""', lines=True, doc=r"(?:^|\n)[ \t]*(?:@doc\s*)?$"), _DOUBLE, _CHAR),
)
KOTLIN = Syntax((r"//",), _NESTED_BLOCK, (_RAW_TRIPLE, _DOUBLE, _CHAR), constants=True)
LISP = Syntax((r";",), (("#|", "|#", True),), (Quote('"', '"', lines=True),))
LUA = Syntax(
    (r"--(?!\[=*\[)",),
    (("--[[", "]]", False),),
    (Quote(r"\[(=*)\[", r"\]{1}\]", "", lines=True), _DOUBLE, _SINGLE),
)
PERL = Syntax(
    (r"#",), (("\n=pod", "\n=cut", False), ("\n=head", "\n=cut", False)), (_HEREDOC, _DOUBLE, _SINGLE)
)
PHP = Syntax(
    (r"//", r"#(?!\[)"),
    _C_BLOCK,
    (
        Quote(r"<<<\s*([\"']?)([A-Za-z_]\w*)\1[^\n]*\n", r"^[ \t]*{2}\b", "", lines=True),
        Quote('"', '"', lines=True),
        Quote("'", "'", lines=True),
    ),
    outside=r"<\?(?:php|=)?(.*?)(?:\?>|\Z)",
)  # fmt: skip
POWERSHELL = Syntax(
    (r"#(?!>)",),
    (("<#", "#>", False),),
    (
        Quote('@"\n', '\n"@', "", lines=True),
        Quote("@'\n", "\n'@", "", lines=True),
        Quote('"', '"', "`"),
        Quote("'", "'", ""),
    ),
    script=True,
)
# Python that its own parser refuses (templates, another version): a triple-quoted string may be a docstring.
PYTHON = Syntax(
    (r"#",),
    (),
    (
        *(Quote(mark * 3, mark * 3, lines=True, doc=r"(?:^|\n|:)[ \t]*[rRuUbBfF]{0,2}$") for mark in "\"'"),
        _DOUBLE,
        _SINGLE,
    ),
)
R = Syntax((r"#",), (), (Quote('"', '"', lines=True), Quote("'", "'", lines=True)))
RUBY = Syntax(
    (r"#(?!\{)",), (("\n=begin", "\n=end", False), ("\n__END__", "\0", False)), (_HEREDOC, _DOUBLE, _SINGLE)
)
RUST = Syntax(
    (r"//",), _NESTED_BLOCK, (Quote(r'[bc]?r(#*)"', r'"{1}', "", lines=True), Quote('"', '"', lines=True))
)
SCALA = Syntax((r"//",), _NESTED_BLOCK, (_RAW_TRIPLE, _DOUBLE, _CHAR), constants=True)
SHELL = Syntax(
    (r"(?<![^\s;|&()])#",),
    (),
    (_HEREDOC, Quote('"', '"', lines=True), Quote("'", "'", "", lines=True)),
    script=True,
)
SQL = Syntax((r"--",), _C_BLOCK, (Quote("'", "'", "", doubled=True, lines=True), _DOUBLE))
SWIFT = Syntax(
    (r"//",), _NESTED_BLOCK, (Quote(r'(#*)"""', r'"""{1}', lines=True), Quote(r'(#+)"', r'"{1}', ""), _DOUBLE)
)
HCL = Syntax((r"#", r"//"), _C_BLOCK, (_HEREDOC, _DOUBLE))
BICEP = Syntax((r"//",), _C_BLOCK, (Quote("'''", "'''", "", lines=True), _SINGLE))
TOML = Syntax((r"#",), (), (_TRIPLE, Quote("'''", "'''", "", lines=True), _DOUBLE, Quote("'", "'", "")))
NIX = Syntax((r"#",), _C_BLOCK, (Quote("''", "''", "", lines=True), Quote('"', '"', lines=True)))

_PREFIX_TEST = re.compile(
    r"(?:starts?_?with\??|ends?_?with\??|has_?prefix|has_?suffix|str_starts_with|contains|includes\?|indexof|match(?:es)?|"
    r"test|split|replace)\s*\((?:[^()\n]{0,80},)?\s*$|"
    r"(?:starts?_?with\??|ends?_?with\??|has_?prefix|has_?suffix)\s(?:[^()\n]{0,80},)?\s*$",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"(?:[=!]==?|<>|\bcase|\bwhen|\beq|\bne|\.equals\s*\(|(?<![=!<>:])===)\s*$")
_BOUND = re.compile(
    r"([A-Za-z_$@:][\w$.-]*)[?!]?[\"'\]]?\s*(?::\s*[\w<>\[\]?&'. |]{1,60}?)?(?:\s(?P<second>[\w.*]{1,60}))?\s*"
    r"(?P<sign>=>|<-|:=|=|:)\s*"
    r"(?:[rRbBfFuUsS$@]|\w+!?\(|\(|\[|&|@)*\s*$"
)
_CALLED = re.compile(r"([A-Za-z_$][\w$]*)!?\s*\(\s*(?:\(\s*)?$")
_DEFAULT = re.compile(r"(?:\?\?|\|\||\?:|\belse|\bor)\s*$")
_UNION = re.compile(r"(?:(?<![|])\||\btype\s+\w+\s*=)\s*$")
_IN_LIST = re.compile(r"[\[({,]\s*$")
_LISTED = re.compile(r"([A-Za-z_$][\w$.]{0,80})\s*(?::\s*[\w<>\[\], ]{1,60})?(?::=|=|:)$")


def read_literals(text: str, syntax: Syntax) -> Code:
    """Return the strings of a source text with what is known about their use; linear in its length."""
    lexed = _Lexer(text, syntax).run()
    lines = Lines(text)
    texts = []
    places = []
    brackets = Brackets(lexed.blank)
    for start, end, inner, value in lexed.strings:
        if not MAYBE.search(value):
            continue
        placed = _role(lexed.blank, start, end)
        if syntax.regex and _UNION.search(lexed.blank, max(0, start - 80), start):
            placed = "", "type"
        if placed is None:
            continue
        key, role = placed
        caller = _CALLED.search(lexed.blank, max(0, start - 80), start)
        called = "" if caller is None else caller[1]
        for piece, offset, left, right in pieces(value):
            line, column = lines.at(inner + offset)
            texts.append(Text(piece, line, column, key, role, left, right, called, is_script=syntax.script))
        places.append((start, value))
        if syntax.script:
            # "${MODEL:-gpt-…}": the default is as good as a string.
            for default in _DEFAULTED.finditer(value):
                line, column = lines.at(inner + default.start(2))
                texts.append(Text(default[2], line, column, default[1], "default", is_script=True))
    if syntax.constants:
        for match in _CONSTANT.finditer(lexed.blank):
            key, role = _role(lexed.blank, match.start(), match.end()) or ("", "other")
            line, column = lines.at(match.start(1))
            texts.append(Text(match[1], line, column, key or "model", role, is_constant=True))
            places.append((match.start(1), match[1]))
    if syntax.script:
        texts += _words(lexed.blank, lines)
    texts.sort(key=lambda found: (found.line, found.column))
    requests = [*_bodies(lexed.strings, lines)]
    if not syntax.script:
        requests += find_requests(lexed.bare, lexed.blank, brackets, places, lines, bound_by(texts))
    return Code(tuple(texts), tuple(requests), lexed.bare, commands=lexed.bare if syntax.script else "")


def _bodies(strings: Iterable[tuple[int, int, int, str]], lines: Lines) -> Iterator[Request]:
    """Yield the requests that strings hold whole: bodies of JSON, such as curl is given."""
    for _, _, inner, value in strings:
        if not value.lstrip().startswith("{") or "model" not in value:
            continue
        try:
            body = json.loads(value.replace('\\"', '"'))
        except (ValueError, RecursionError):
            continue
        if isinstance(body, dict) and isinstance(model := body.get("model"), str):
            named = tuple(_named(body, value, inner, lines))
            yield Request(*lines.at(inner), model, named)


def _named(body: Mapping[str, JSON], value: str, inner: int, lines: Lines) -> Iterator[Parameter]:
    for name, content in body.items():
        place = lines.at(inner + max(value.find(name), 0))
        if name != "messages":
            yield Parameter(name, *place, content, is_known=True)
        elif (
            isinstance(content, list)
            and content
            and isinstance(content[-1], dict)
            and content[-1].get("role") == "assistant"
        ):
            yield Parameter(name, *place, ENDS_WITH_ASSISTANT, is_known=True)


def _role(blank: str, start: int, end: int) -> tuple[str, Role] | None:
    """Say from the signs around a string what it is used for; None where only a part of an id is looked at."""
    before = blank[max(0, start - 200) : start]
    after = blank[end : end + 40]
    if _PREFIX_TEST.search(before):
        return None
    if _COMPARED.search(before) or re.match(r"\s*(?:===?|!==?|<>)", after):
        return "", "comparison"
    if re.match(r"\s*=>", after) or (re.match(r"\s*\??:(?!:)", after) and not re.search(r"\?\s*$", before)):
        return "", "key"
    if re.match(r"\s*\]\s*(?:=(?!=)|:)", after) and re.search(r"\[\s*$", before):
        return "", "key"
    default = _DEFAULT.search(before)
    if default:
        before = before[: default.start()]
        bound = re.search(r"([A-Za-z_$][\w$.]*)\s*(?::\s*\w+)?\s*(?::=|=|:)[^=;{}\n]*$", before)
        return (_last(bound[1]) if bound else ""), "default"
    if (bound := _BOUND.search(before)) is not None:
        return _last(_bound_name(bound)), "entry" if bound["sign"] in {":", "=>"} else "assignment"
    if (called := _CALLED.search(before)) is not None:
        return called[1], "argument"
    if _IN_LIST.search(before):
        # The name of the list: what stands before the last sign that binds.
        bound = _LISTED.search(before, 0, max(before.rfind("="), before.rfind(":")) + 1)
        return (_last(bound[1]), "assignment") if bound else ("", "other")
    return "", "other"


def _bound_name(bound: re.Match[str]) -> str:
    """Return the name of `const NAME =`, `String name =`, `name string =` and the like."""
    first, second = bound[1], bound["second"]
    return first if second is None or second.lower().strip("*") in {"string", "str", "text"} else second


def _last(name: str) -> str:
    return re.split(r"[.:@$]", name.rstrip(".:$@"))[-1]


_DEFAULTED = re.compile(r"\$\{([A-Za-z_]\w*):?[-=]([^{}$]+)\}")
_CONSTANT = re.compile(r"\b(?:[A-Za-z_]\w*\.)*(?:[A-Z][a-z]+)?Models?(?:\.|(?=[A-Z]))([A-Z]\w+)")
_WORD = re.compile(
    r"(?:(?<![\w.-])(?P<name>[A-Za-z_][\w.-]*)=|(?<![\w-])--?(?P<flag>[A-Za-z][\w-]*)[= ]\s*|"
    r"(?P<default>:[-=])|(?<![^\s(;|&`{}]))"
    r"(?P<word>[@A-Za-z][\w.@:/+-]*[\w])(?=[\s\"')};|&`,]|$)"
)


def _words(blank: str, lines: Lines) -> Iterator[Text]:
    """Yield the bare words of a script: values of variables and options, defaults, arguments."""
    for match in _WORD.finditer(blank):
        key = match["name"] or match["flag"] or ""
        if match["default"]:
            name = re.search(r"([A-Za-z_]\w*)$", blank[max(0, match.start() - 60) : match.start()])
            key = name[1] if name else ""
        elif not key:
            # ENV MODEL gpt-4o
            name = re.search(
                r"(?:^|\n)\s*(?:ENV|ARG|export|set|setx)\s+([A-Za-z_]\w*)\s+$",
                blank[max(0, match.start() - 80) : match.start()],
            )
            key = name[1] if name else ""
        line, column = lines.at(match.start("word"))
        role: Role = "default" if match["default"] else "assignment" if match["name"] or key else "argument"
        yield Text(match["word"], line, column, key, role, is_script=True)


@dataclass(frozen=True, slots=True)
class _Lexed:
    """A text in pieces.

    Attributes:
        strings: (start, end, start of the content, content) of each string.
        bare: the text without comments; blank: also without strings. Both keep every offset.
    """

    strings: list[tuple[int, int, int, str]]
    bare: str
    blank: str


_MOST_FAILURES = 20
"""Strings that never close, each looked for to the end of the file: a hostile file may begin a great many."""


class _Lexer:
    def __init__(self, text: str, syntax: Syntax) -> None:
        self._text = text
        self._syntax = syntax
        self._bare: list[str] = []
        self._blank: list[str] = []
        self._tail = ""
        self._strings: list[tuple[int, int, int, str]] = []
        self._failures: dict[str, int] = {}

    def run(self) -> _Lexed:
        """Lex the whole text."""
        text, opener = self._text, _opener(self._syntax)
        at = 0
        for start, end in self._regions():
            self._hide(at, start)
            at = start
            while (match := opener.search(text, at, end)) is not None:
                self._keep(at, match.start())
                at = self._token(match, end)
            self._keep(at, end)
            at = end
        self._hide(at, len(text))
        return _Lexed(self._strings, "".join(self._bare), "".join(self._blank))

    def _regions(self) -> Iterator[tuple[int, int]]:
        if not self._syntax.outside:
            yield 0, len(self._text)
            return
        for match in re.finditer(self._syntax.outside, self._text, re.DOTALL):
            yield match.span(1)

    def _token(self, match: re.Match[str], limit: int) -> int:
        """Take a comment, a string or a regular expression; returns where it ends."""
        kind, number = str(match.lastgroup).split("_")
        start = match.start()
        if kind == "line":
            end = self._text.find("\n", match.end(), limit)
            return self._hide(start, limit if end < 0 else end)
        if kind == "block":
            return self._hide(start, self._block_end(match.end(), limit, int(number)))
        if kind == "regex":
            end = self._regex_end(start, limit)
            return self._string(start, end) if end else self._keep(start, start + 1)
        return self._quoted(match, limit, int(number))

    def _quoted(self, match: re.Match[str], limit: int, number: int) -> int:
        quote = self._syntax.quotes[number]
        first = _opener(self._syntax).groupindex[f"quote_{number}"]
        close = re.sub(r"\{(\d)\}", lambda ref: re.escape(match[first + int(ref[1])] or ""), quote.close)
        failed = self._failures.get(close, 0) if quote.lines else 0
        found = None
        if not failed and len(self._failures) < _MOST_FAILURES:
            found = _content(close, quote.escape, quote.doubled, quote.lines).match(
                self._text, match.end(), limit
            )
        if found is None:
            if quote.lines:
                self._failures[close] = 1
            return self._keep(match.start(), match.end())  # an apostrophe, or a quote that is never closed
        if quote.doc and re.search(quote.doc, self._tail):
            return self._hide(match.start(), found.end())
        self._strings.append((match.start(), found.end(), match.end(), found[1]))
        return self._string(match.start(), found.end())

    def _block_end(self, at: int, limit: int, number: int) -> int:
        opening, closing, nests = self._syntax.block[number]
        if not nests:
            end = self._text.find(closing, at, limit)
            return limit if end < 0 else end + len(closing)
        depth = 1
        for match in re.compile(f"{re.escape(opening)}|{re.escape(closing)}").finditer(self._text, at, limit):
            depth += 1 if match[0] == opening else -1
            if not depth:
                return match.end()
        return limit

    def _regex_end(self, at: int, limit: int) -> int:
        """Return where a regular expression literal ends, or 0 when the slash divides."""
        before = self._tail.rstrip()
        if before and before[-1] not in "(,=:[!&|?{};+-*%~^<>" and not _BEFORE_REGEX.search(before):
            return 0
        found = _REGEX.match(self._text, at, limit)
        return found.end() if found else 0

    def _keep(self, start: int, end: int) -> int:
        chunk = self._text[start:end]
        return self._put(chunk, chunk, end)

    def _string(self, start: int, end: int) -> int:
        chunk = self._text[start:end]
        return self._put(chunk, _space(chunk), end)

    def _hide(self, start: int, end: int) -> int:
        empty = _space(self._text[start:end])
        return self._put(empty, empty, end)

    def _put(self, bare: str, blank: str, end: int) -> int:
        self._bare.append(bare)
        self._blank.append(blank)
        self._tail = (self._tail + blank[-80:])[-80:]
        return end


_BEFORE_REGEX = re.compile(r"\b(?:return|typeof|case|in|of|do|else|void|yield|await)$")
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,300}+\]|[^/\\\[\n]){1,2000}+/[a-z]*")


def _space(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


@lru_cache(maxsize=64)
def _opener(syntax: Syntax) -> re.Pattern[str]:
    """Return the expression that finds the next comment or string; a group of a quote is counted from its own."""
    parts = [f"(?P<block_{i}>{re.escape(start)})" for i, (start, _, _) in enumerate(syntax.block)]
    parts += [f"(?P<line_{i}>{shape})" for i, shape in enumerate(syntax.line)]
    groups = len(parts)
    for i, quote in enumerate(syntax.quotes):
        groups += 1
        opening = re.sub(r"\\(\d)", lambda ref, own=groups: f"\\{own + int(ref[1])}", quote.open)  # type: ignore[misc]
        parts.append(f"(?P<quote_{i}>{opening})")
        groups += re.compile(quote.open).groups
    if syntax.regex:
        parts.append("(?P<regex_0>/)")
    return re.compile("|".join(parts), re.MULTILINE)


@lru_cache(maxsize=512)
def _content(close: str, escape: str, doubled: bool, lines: bool) -> re.Pattern[str]:
    """Return the expression of a string's content and its end; possessive, so that no input makes it slow."""
    newline = "" if lines else r"\n"
    if doubled:
        return re.compile(rf"((?:[^{close}{newline}]|{close}{close})*+){close}")
    if not escape:
        return re.compile(
            rf"((?:(?!{close})[^{newline}])*+)(?:{close})"
            if newline
            else rf"((?:(?!{close}).)*+)(?:{close})",
            re.DOTALL | re.MULTILINE,
        )
    mark = re.escape(escape)
    return re.compile(rf"((?:{mark}.|(?!{close})[^{mark}{newline}])*+)(?:{close})", re.DOTALL | re.MULTILINE)
