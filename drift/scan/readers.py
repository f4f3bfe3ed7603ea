# Which reader reads which file, by its name.
# Owns: endings and names of files. Refuses to know: how a language is read, what is looked for.
"""From a file's name to its reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from drift.scan import lexer
from drift.scan.data import read_json, read_settings, read_toml, read_xml, read_yaml
from drift.scan.found import Code, Request, Text
from drift.scan.lexer import Syntax, read_literals
from drift.scan.python import read_python

Reader = Callable[[str], Code]

_SYNTAXES: dict[str, Syntax] = {
    **dict.fromkeys(("c", "cc", "cpp", "cxx", "h", "hpp", "m", "mm"), lexer.C),
    **dict.fromkeys(("cs", "csx"), lexer.CSHARP),
    **dict.fromkeys(("fs", "fsi", "fsx", "ml", "mli"), lexer.FSHARP),
    "zig": lexer.ZIG,
    "dart": lexer.DART,
    **dict.fromkeys(("ex", "exs"), lexer.ELIXIR),
    "go": lexer.GO,
    **dict.fromkeys(("gradle", "groovy"), lexer.GROOVY),
    "hs": lexer.HASKELL,
    "java": lexer.JAVA,
    **dict.fromkeys(
        ("astro", "cjs", "cts", "js", "jsx", "mjs", "mts", "svelte", "ts", "tsx", "vue"), lexer.JAVASCRIPT
    ),
    "jl": lexer.JULIA,
    **dict.fromkeys(("kt", "kts"), lexer.KOTLIN),
    **dict.fromkeys(("clj", "cljs", "edn", "el", "lisp", "rkt", "scm"), lexer.LISP),
    "lua": lexer.LUA,
    **dict.fromkeys(("pl", "pm"), lexer.PERL),
    "php": lexer.PHP,
    **dict.fromkeys(("ps1", "psm1"), lexer.POWERSHELL),
    "r": lexer.R,
    **dict.fromkeys(("cr", "gemspec", "rake", "rb", "ru"), lexer.RUBY),
    "rs": lexer.RUST,
    **dict.fromkeys(("sbt", "scala"), lexer.SCALA),
    **dict.fromkeys(("bash", "fish", "ksh", "mk", "sh", "zsh"), lexer.SHELL),
    "sql": lexer.SQL,
    "swift": lexer.SWIFT,
    **dict.fromkeys(("hcl", "tf", "tfvars"), lexer.HCL),
    "bicep": lexer.BICEP,
    "nix": lexer.NIX,
}
_DATA: dict[str, Reader] = {
    **dict.fromkeys(("json", "json5", "jsonc", "webmanifest"), read_json),
    "toml": read_toml,
    **dict.fromkeys(("yaml", "yml"), read_yaml),
    **dict.fromkeys(("cfg", "conf", "env", "ini", "properties"), read_settings),
    **dict.fromkeys(("config", "csproj", "fsproj", "plist", "props", "targets", "vbproj", "xml"), read_xml),
}
_NAMED: dict[str, Syntax] = {
    "dockerfile": lexer.SHELL,
    "containerfile": lexer.SHELL,
    "makefile": lexer.SHELL,
    "gnumakefile": lexer.SHELL,
    "justfile": lexer.SHELL,
    "procfile": lexer.SHELL,
    "gemfile": lexer.RUBY,
    "rakefile": lexer.RUBY,
    "jenkinsfile": lexer.GROOVY,
    "pipfile": lexer.TOML,
    "cargo.lock": lexer.TOML,
    "pdm.lock": lexer.TOML,
    "poetry.lock": lexer.TOML,
    "uv.lock": lexer.TOML,
}
_NAMED_DATA: dict[str, Reader] = {
    "bun.lock": read_json,
    "composer.lock": read_json,
    "pipfile.lock": read_json,
    ".envrc": lambda text: read_literals(text, lexer.SHELL),
}
_PLAIN = re.compile(
    r"(?:requirements|constraints)[\w.-]*\.(?:txt|in)$|go\.mod$|yarn\.lock$|gemfile\.lock$|\.python-version$"
)
"""Files that hold pins and no ids; see pins."""


def is_source(name: str) -> bool:
    """Whether a file, by its name, holds code, settings or pins."""
    return reader_of(name) is not None


def reader_of(name: str) -> Reader | None:
    """Return how to read a file, None when it is none that is read."""
    base = name.rpartition("/")[2].lower()
    ending = base.rpartition(".")[2] if "." in base.lstrip(".") else ""
    if base in _NAMED_DATA:
        return _NAMED_DATA[base]
    if base == ".env" or base.startswith(".env."):
        return read_settings
    if _PLAIN.search(base):
        return lambda text: Code(bare=text)
    if base in _NAMED or base.startswith("dockerfile.") or ending == "dockerfile":
        syntax = _NAMED.get(base, lexer.SHELL)
        return lambda text: read_literals(text, syntax)
    if ending in {"py", "pyi", "pyw"}:
        return _read_python
    if ending == "ipynb":
        return read_notebook
    if ending in _DATA:
        return _DATA[ending]
    if ending in _SYNTAXES:
        syntax = _SYNTAXES[ending]
        return lambda text: read_literals(text, syntax)
    return None


def _read_python(text: str) -> Code:
    try:
        return read_python(text)
    except ValueError as error:
        return replace(read_literals(text, lexer.PYTHON), problem=str(error))


_LANGUAGES: dict[str, Syntax] = {
    "bash": lexer.SHELL,
    "csharp": lexer.CSHARP,
    "javascript": lexer.JAVASCRIPT,
    "julia": lexer.JULIA,
    "kotlin": lexer.KOTLIN,
    "r": lexer.R,
    "ruby": lexer.RUBY,
    "rust": lexer.RUST,
    "scala": lexer.SCALA,
    "sh": lexer.SHELL,
    "typescript": lexer.JAVASCRIPT,
}


def read_notebook(text: str) -> Code:
    """Read the code cells of a Jupyter notebook; lines are those of the file."""
    try:
        notebook = json.loads(text)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        about = notebook.get("metadata") or {}
        kernel = about.get("kernelspec") or {}
        info = about.get("language_info") or {}
        language = str(info.get("name") or kernel.get("language") or "python").lower()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Code(problem="is no notebook that can be parsed")
    texts: list[Text] = []
    requests: list[Request] = []
    bare: list[str] = []
    commands: list[str] = []
    problem = ""
    places = _CellLines(text)
    for source in sources:
        code = _read_cell(source, language)
        line_of = places.of(source)
        texts += (replace(found, line=line_of(found.line)) for found in code.texts)
        requests += (
            replace(
                request,
                line=line_of(request.line),
                parameters=tuple(replace(one, line=line_of(one.line)) for one in request.parameters),
            )
            for request in code.requests
        )
        bare.append(code.bare)
        commands.append(code.commands)
        problem = problem or code.problem
    return Code(tuple(texts), tuple(requests), "\n".join(bare), "\n".join(commands), problem)


_CELL_MAGIC = re.compile(r"\s*%%(\w+)")


def _read_cell(source: str, language: str) -> Code:
    magic = _CELL_MAGIC.match(source)
    if magic is not None:
        language = {
            "script": "sh",
            "js": "javascript",
            "capture": language,
            "time": language,
            "timeit": language,
        }.get(magic[1], magic[1])
        source = source.replace(magic[0], "", 1) if "\n" not in magic[0] else source
        source = re.sub(r"^[^\n]*", "", source, count=1)
    if language not in {"python", "python3", "ipython"}:
        return read_literals(source, _LANGUAGES.get(language, lexer.PYTHON))
    # Lines for the shell and for the notebook are no Python; the shell's words count.
    shell = "\n".join(
        line.lstrip()[1:] if line.lstrip().startswith("!") else "" for line in source.split("\n")
    )
    plain = "\n".join(
        "" if line.lstrip().startswith(("!", "%", "?")) else line for line in source.split("\n")
    )
    code = _read_python(plain)
    commands = read_literals(shell, lexer.SHELL)
    return replace(code, texts=code.texts + commands.texts, commands=commands.bare)


_FARTHEST = 5000  # lines of the file that a line of a cell is looked for


class _CellLines:
    """Where the lines of cells stand in the file, found by their text: most writers give each a line of its own."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._next = 0

    def of(self, source: str) -> Callable[[int], int]:
        """Return the function from a line of a cell to a line of the file; cells are asked for in their order."""
        wanted = source.split("\n")
        found: list[int] = []
        at = self._next
        for line in wanted:
            marks = (json.dumps(line, ensure_ascii=False)[:-1], json.dumps(line)[:-1])
            nearby = range(at, min(at + _FARTHEST, len(self._lines))) if line.strip() else ()
            place = next((n for n in nearby if any(mark in self._lines[n] for mark in marks)), None)
            if place is not None:
                at = place
            found.append((at if place is None else place) + 1)
        self._next = at
        return lambda line: found[min(max(line, 1), len(found)) - 1]
