# What the tests of reports share: the example documents and hostile strings.
# Owns: where the examples lie. Refuses to know: what any test asserts.

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))

HOSTILE = (
    "\x1b[31mred\x1b]8;;http://evil.example\x07link",
    "::error file=x::owned\n::add-mask::secret\n  ::warning::x",
    "##[error]old ##vso[task.complete] ###[group]",
    "\u202egnp.exe \u2066hidden\u2069 zero\u200bwidth\u200d \ufeff",
    "lone \ud800 surrogate \udfff",
    "| a | b |\n| --- | --- |\n| c \\| d | `e | f` |",
    "<script>alert(1)</script><img src=x onerror=y><!-- c --></details>",
    "[text](http://evil.example) ![i](http://evil.example/p.png) <http://evil.example> www.evil.example",
    "@everyone #12 owner/repo#3 GH-7 mail@evil.example :tada: $x^2$ evil.example",
    "```\n# heading\n```` ~~~ `a` ``b``\n---\n===\n1. one\n- two\n> quote",
    "line\rover\x0bwrite\x85\u2028para\u2029 tab\t nul\x00 del\x7f",
    "\U000e0041\U000e0042 tags \u3164 filler \u115f \u2800",
    "gate fails on breaking: passed, exit 0\nNO DRIFT FOUND",
    "",
    " ",
    "a" * 5000,
    "漢字かな交じり文" * 40,
)

hostile_text = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.lists(st.sampled_from([*HOSTILE[:13], *"`|\\*_[]()<>@#:!~\n "]), max_size=8).map("".join),
)

# Strings that choose a branch of a renderer; all others are shown and may be anything.
_CHOOSE = {
    "kind",
    "level",
    "default_level",
    "verdict",
    "evidence_class",
    "answer",
    "result",
    "state",
    "fail_on",
    "created_at",
}


def golden(name: str) -> Any:
    """Return a fresh copy of an example document."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def with_strings(document: Any, draw: Callable[[], str]) -> Any:
    """Return the document with every string replaced that does not choose a branch of a renderer."""

    def replaced(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: replaced(child, name) for name, child in value.items()}
        if isinstance(value, list):
            return [replaced(child, key) for child in value]
        return draw() if isinstance(value, str) and key not in _CHOOSE else value

    return replaced(copy.deepcopy(document))
