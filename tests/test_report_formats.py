# The formats as one table, the JSON format, and the line that sums a document up.

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift.errors import UsageError
from drift.report import FORMATS, format_of, formats_for, summary_line, validate
from drift.report.json import render
from drift.report.schemas import DocumentError
from tests.report_support import NAMES, golden, hostile_text

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | hostile_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(hostile_text, inner, max_size=4),
    max_leaves=12,
)


SHOWN = [(form, name) for form in FORMATS for name in NAMES if FORMATS[form].shows(golden(name)["kind"])]


@pytest.mark.parametrize(("form", "name"), SHOWN)
def test_every_format_renders_every_document_that_it_shows(form, name):
    text = FORMATS[form].render(golden(name))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert text == FORMATS[form].render(golden(name))


@pytest.mark.parametrize("name", NAMES)
def test_rendering_leaves_the_document_alone(name):
    document = golden(name)
    for form in formats_for(document["kind"]):
        form.render(document)
    assert document == golden(name)


def test_a_format_that_does_not_show_a_document_says_so():
    for form in FORMATS.values():
        if not form.shows("comparison"):
            with pytest.raises(DocumentError, match="comparison"):
                form.render(golden("none"))


def test_the_ending_of_a_file_names_its_format():
    assert [format_of(file).name for file in ("a/report.TXT", "report.md", "x.tar.json")] == [
        "text",
        "md",
        "json",
    ]


@pytest.mark.parametrize("file", ["report.html", "report", ".md", "report.md.gz"])
def test_an_unknown_ending_is_refused_with_the_known_ones(file):
    with pytest.raises(UsageError, match=r"\.txt, \.md, \.json"):
        format_of(file)


def test_a_format_takes_exactly_its_options():
    values = {"width": 100, "color": True, "verbosity": "verbose", "limit": 100_000}
    examples = {golden(name)["kind"]: golden(name) for name in NAMES}
    for form in FORMATS.values():
        document = next(example for kind, example in examples.items() if form.shows(kind))
        form.render(document, **{name: values[name] for name in form.options})
        for name in set(values) - form.options:
            with pytest.raises(TypeError):
                form.render(document, **{name: values[name]})


@given(json_values)
def test_json_is_faithful_ascii_and_stable(value):
    text = render({"kind": "x", "value": value})
    assert json.loads(text) == {"kind": "x", "value": value}
    assert text.isascii()
    assert text == render(dict(reversed(json.loads(text).items())))
    assert "##" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_json_of_a_document_is_valid_again():
    validate(json.loads(render(golden("rejected-parameter"))))


def test_json_refuses_what_json_does_not_know():
    with pytest.raises(ValueError, match="JSON"):
        render({"seconds": float("inf")})


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "rejected-parameter",
            (
                "breaking: 1 breaking, 0 warnings, 1 info; 1 acknowledged; "
                "anthropic/claude-opus-4-6 -> anthropic/claude-opus-4-6; fails on breaking: failed, exit 1"
            ),
        ),
        ("can-i-move", "1 no, 1 unknown, 1 yes"),
        ("runs", "4 runs, 1242 samples"),
        ("import", "2 runs, 100 samples"),
        ("history", "12 runs"),
        ("rules", "3 rules"),
        ("probes", "3 probes"),
        ("baselines", "1 baseline"),
        ("acknowledgements", "1 acknowledgement"),
        ("verify", "1 problem in 3 runs with 1130 samples"),
        ("problems", "1 problem"),
        ("migrate", "snapshots/drift.db: migrated; the old file is snapshots/drift.db.v1.bak"),
        ("dry-run", "540 calls, 0.92 USD"),
        ("demo", "control: no drift found; candidate: breaking; 148 s"),
        (
            "explain",
            "text-markdown-fence-added: JSON or code that was asked for raw arrives in a Markdown fence.",
        ),
        ("check", "4 targets: 1 none, 1 warning, 1 not checked; exit 1"),
        ("init", "2 files written, 1 pinned model"),
    ],
)
def test_a_document_is_summed_up_in_one_line(name, line):
    assert summary_line(golden(name)) == line


def test_the_summary_is_safe_to_print():
    document = golden("fence")
    document["baseline"]["target"] = "evil\x1b[2J\n::error::x"
    assert summary_line(document).isprintable()


def test_rendering_needs_no_schema_library():
    code = (
        "import json, sys; from drift.report import formats_for; d = json.load(sys.stdin)\n"
        "[form.render(d) for form in formats_for(d['kind'])]\n"
        "print([name for name in ('jsonschema', 'rich', 'numpy', 'anthropic') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(golden("fence")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "[]"
