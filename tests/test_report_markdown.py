# The Markdown format: what it says, that it keeps to its size, and that nothing in a document comes alive on a host.

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from drift.report.markdown import LIMIT, render
from drift.report.safe import visible
from drift.report.schemas import DocumentError
from tests.report_support import HOSTILE, NAMES, golden, hostile_text, with_strings

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OUR_HTML = re.compile(
    r"<details><summary>(?:Witnesses(?:, 1 of \d+)?|Measured: \d+)</summary>\n?|</details>\n?"
)
SMALLEST = 64 * 1024


def leaves(text):
    return [leaf for token in MARKDOWN.parse(text) for leaf in (token, *(token.children or ()))]


def assert_inert(text):
    """Nothing but our own layout is alive: no link, no image, no foreign HTML, no mention, no command."""
    tokens = leaves(text)
    assert not {token.type for token in tokens} & {
        "link_open",
        "image",
        "html_inline",
        "hr",
        "blockquote_open",
        "s_open",
    }
    assert all(OUR_HTML.fullmatch(token.content) for token in tokens if token.type == "html_block")
    folds = [token.content.startswith("<details>") for token in tokens if token.type == "html_block"]
    assert folds.count(True) * 2 == len(folds)
    prose = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"[@#$]|://|www\.|mailto:|\bGH-\d|:[\w+-]+:", prose, re.IGNORECASE)
    assert all(char in "\n\u3000" or char.isprintable() for char in text)
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert not re.search(r"##\w*\[", text)
    text.encode("utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verbosity", ["quiet", "normal", "verbose"])
def test_every_document_is_inert_markdown(name, verbosity):
    assert_inert(render(golden(name), verbosity=verbosity))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_one_hostile_string_everywhere_stays_inert(name, hostile):
    assert_inert(render(with_strings(golden(name), lambda: hostile), verbosity="verbose"))


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_document_comes_alive(name, data):
    document = with_strings(golden(name), lambda: data.draw(hostile_text))
    assert_inert(render(document, verbosity=data.draw(st.sampled_from(["quiet", "normal", "verbose"]))))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_witness_stands_in_its_fence_as_it_is(hostile):
    document = golden("fence")
    witness = document["findings"][0]["witnesses"][0]
    witness["baseline"]["excerpt"] = witness["candidate"]["excerpt"] = hostile[:1000]
    fences = [token.content for token in leaves(render(document)) if token.type == "fence"]
    shown = fences[0].replace("\\::", "::").replace("\\[", "[")
    assert shown == visible(hostile[:1000]).replace("\\[", "[") + "\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fence", ["# Drift: warning", "## Warning (2)", "| moved | 0 of 50 → 44 of 50, +88 points", "s, 1 of 3"]),
        ("rejected-parameter", ["# Drift: breaking", "1 info; 1 acknowledged", "## Acknowledged (1)", "exit 1"]),
        ("token-offset", ['{"usage": {"input_tokens": {+43+}', "each of 40 pairs moved by +12"]),
        ("surface", ["`request-parameter-removed`", "→ absent"]),
        ("none", ["# No drift found", "| json\\_format | 120 | 2 | 6.5 points |", "could have been seen stands below"]),
        ("inconclusive", ["# Drift: inconclusive", "## Not measured", "## Not comparable", "exit 3"]),
        ("can-i-move", ["## No: invoice-extractor", "Unknown: `refusals`", "59 more samples of `refusal.medical/01`"]),
        ("explain", ["# `text-markdown-fence-added`", "**breaking**, output", "## In comparison"]),
        ("demo", ["**control: no drift found; candidate: breaking; 148 s**", "# No drift found", "# Drift: breaking"]),
        ("history", ["| verdict | `·▁▃▁▁?▁▅▁██▁` |", "| 2026-11-20 02:00 |"]),
        ("check", ["1 not checked", "# Drift: warning", "| anthropic/claude-haiku-5-5 | contract |"]),
        ("verify", ["**1 problem in 3 runs with 1130 samples**"]),
    ],
)  # fmt: skip
def test_a_report_says(name, said):
    text = render(golden(name))
    for words in said:
        assert words in text


def test_tables_have_as_many_cells_as_headings():
    tokens = [token.type for token in MARKDOWN.parse(render(golden("fence"), verbosity="verbose"))]
    rows = "".join(
        {"tr_open": "\n", "td_open": "c", "th_open": "c", "table_open": "T"}.get(name, "") for name in tokens
    )
    for table in rows.split("T")[1:]:
        assert len(set(table.split())) == 1


def test_verbose_shows_every_witness_and_every_measure():
    text = render(golden("fence"), verbosity="verbose")
    assert text.count("baseline of ") == 4
    assert "<details><summary>Measured: 3</summary>" in text


def test_quiet_is_the_verdict_and_one_line_a_finding():
    lines = render(golden("rejected-parameter"), verbosity="quiet").splitlines()
    assert [line for line in lines if line.startswith("- ")] == lines[4:]
    assert len(lines) == 6


def many(count, **more):
    document = golden("fence")
    first = document["findings"][0]
    document["findings"] = [
        {**first, "fingerprint": f"{number:012x}", "family": f"f{number}", **more} for number in range(count)
    ]
    return document


@pytest.mark.parametrize("limit", [SMALLEST, 200_000, LIMIT])
def test_a_page_keeps_to_its_size_and_counts_everything(limit):
    text = render(many(3000), limit=limit)
    assert len(text.encode()) <= limit
    assert "3000 warnings" in text
    left_out = int(re.search(r"and (\d+) more findings that do not fit here", text)[1])
    shown = set(re.findall(r"`(00000[0-9a-f]{7})`", text))
    assert len(shown) + left_out == 3000
    assert "What could have been seen" in text
    assert "passed, exit 0" in text
    assert_inert(text)


def test_nothing_is_left_out_of_what_fits():
    text = render(many(200))
    assert "do not fit" not in text
    assert text.count("| fingerprint |") == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("verbosity", ["normal", "verbose"])
def test_the_worst_strings_keep_to_the_smallest_page(name, verbosity):
    document = with_strings(golden(name), lambda: "\U000e0041|漢`" * 3000)
    for rate in document.get("rates", ()):
        rate["values"] = rate["values"] * 300
    for key, value in document.items():
        if isinstance(value, list) and key not in {"axes", "comparisons"}:
            document[key] = value * 100
    assert len(render(document, verbosity=verbosity, limit=0).encode()) <= SMALLEST


def test_an_unknown_kind_is_refused():
    with pytest.raises(DocumentError):
        render({"kind": "nonsense"})
