# Every figure and expectation of a corpus' EXPECTED.json, by calls of `drift import` and `drift diff` alone.
# Owns: from a channel's measure to a line of the comparison document. Refuses to know: how Drift measures.
"""Check Drift against the figures that come with a corpus of recorded outputs.

    DRIFT_CORPUS=DIR python -m bench.expected

Prints one line per channel that is wrong and a summary; exit 1 when something is wrong. Pairs only: the figures of
whole series belong to monitoring.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from drift.cli import main as drift

_TEXT = {
    "text:fence": "text.fence",
    "text:bold": "md.bold",
    "text:heading": "md.heading",
    "text:list": "md.list",
    "text:as_an_ai": "text.as_an_ai",
    "text:refusal_opening": "text.refusal_opening",
}
_DIFFERS = {
    "text": "text.digest",
    "calls": "calls.bytes",
    "calls_canonical": "calls.canonical",
    "call_keys": "calls.keys",
    "call_names": "calls.names",
}


def run(*arguments: str) -> tuple[int, str]:
    """Call the command line in this process; return its exit code and what it printed on stdout."""
    out = StringIO()
    with redirect_stdout(out), redirect_stderr(StringIO()):
        code = drift(list(arguments))
    return code, out.getvalue()


def name_of(side: Mapping[str, Any]) -> str:
    """Return a side as users type it: DATASET:TARGET@LABEL."""
    return f"{side['dataset']}:{side['target']}@{side['version_label']}"


def arguments_of(pair: Mapping[str, Any], channel: Mapping[str, Any]) -> list[str]:
    """Return the arguments of `drift diff` for one channel of a pair."""
    first, second = pair["a"], pair["b"]
    arguments = [name_of(first), name_of(second), "--json", "--fail-on", "never"]
    for option, side in (("--baseline-samples", first), ("--candidate-samples", second)):
        if "sample" in side:
            arguments += [option, str(side["sample"])]
    for field, value in channel.get("where", {}).items():
        for one in value if isinstance(value, list) else [value]:
            arguments += ["--where", f"{field}={one if isinstance(one, str) else json.dumps(one)}"]
    if "per" in channel:
        label = channel["measure"].removeprefix("label:").split("=")[0]
        arguments += ["--label-pair", f"{label}={channel['per'].removeprefix('label:').split('=')[0]}"]
    return arguments


def measured(document: Mapping[str, Any], channel: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the measures of a document that answer a channel, whole families only."""
    measure = channel["measure"]
    kind, _, rest = measure.partition(":")
    for entry in document["measures"]:
        name = entry["measure"]
        if entry["where"]:
            continue
        if kind == "path":
            wanted = "/" + rest.replace("[]", "/*").replace(".", "/").replace("//", "/")
            hit = name.startswith("envelope.") and entry["path"] == wanted
        elif kind == "usage":
            hit = name == "input_tokens" and rest in {"prompt_tokens", "input_tokens"}
        elif kind == "differs":
            hit = name == f"differs:{_DIFFERS.get(rest, rest)}"
        else:
            hit = name == {**_TEXT, "chars": "text.chars", "tool_calls": "calls.count"}.get(measure, measure)
        if hit:
            yield entry


def figures_of(entry: Mapping[str, Any], channel: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the numbers of a measure."""
    evidence = entry["evidence"]
    found = {
        "n": evidence["pairs"], "a": evidence["baseline"]["k"], "b": evidence["candidate"]["k"], "up": evidence["up"],
        "down": evidence["down"], "p": evidence["p"], "differ": evidence["candidate"]["k"],
        "a_mean": evidence["baseline"]["mean"], "b_mean": evidence["candidate"]["mean"],
        "deltas": evidence["histogram"],
    }  # fmt: skip
    for key, value in channel.items():
        if key not in found:
            continue
        got = found[key]
        if key == "p" and got is None and evidence["test"] is None:
            continue  # an exact fact carries no test
        if key == "deltas":
            right = got == value
        elif isinstance(value, float):
            right = got is not None and abs(got - value) <= max(
                0.006 * abs(value), 0.005 if "mean" in key else 0
            )
        else:
            right = got == value
        if not right:
            yield f"{key}: expected {value}, got {got}"


def check(pair: Mapping[str, Any], channel: Mapping[str, Any], database: str) -> list[str]:
    """Return what is wrong with one channel."""
    code, out = run("diff", *arguments_of(pair, channel), "-d", database)
    if not out:
        return [f"drift diff printed nothing, exit {code}"]
    document = json.loads(out)
    entries = list(measured(document, channel))
    if not entries:
        return ["not measured"]
    wrong = list(figures_of(entries[0], channel))
    named = [entry["finding"] for entry in entries if entry["finding"]]
    if channel["expect"] == "drift" and not named:
        wrong.append(f"not named (p = {entries[0]['evidence']['p']}, q = {entries[0]['evidence']['q']})")
    if channel["expect"] == "silent" and named:
        wrong.append(f"cried wolf: {', '.join(named)}")
    return wrong


def main() -> int:
    """Check all pairs of the corpus; return 1 when a figure or an expectation is wrong."""
    folder = os.environ.get("DRIFT_CORPUS")
    if not folder:
        sys.stderr.write("DRIFT_CORPUS is not set: recorded outputs of real models are not here\n")
        return 2
    corpus = Path(folder)
    expected = json.loads((corpus / "EXPECTED.json").read_text("utf-8"))
    channels = bad = 0
    with tempfile.TemporaryDirectory() as scratch:
        database = str(Path(scratch) / "corpus.db")
        code, _ = run("import", *map(str, sorted(corpus.glob("*/*.jsonl.gz"))), "-d", database)
        assert code == 0, f"import failed with {code}"
        for pair in expected["pairs"]:
            for channel in pair["channels"]:
                channels += 1
                wrong = check(pair, channel, database)
                if wrong:
                    bad += 1
                    print(f"{pair['id']}: {channel['channel']} ({channel['expect']}): {'; '.join(wrong)}")
    print(f"{channels - bad} of {channels} channels right")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
