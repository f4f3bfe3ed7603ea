# The text format: what it says, that it fits, and that nothing in a document can act on a terminal or a CI system.

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drift.report.safe import columns
from drift.report.schemas import DocumentError
from drift.report.text import render
from tests.report_support import HOSTILE, NAMES, golden, hostile_text, with_strings

REPORTS = [
    "fence",
    "token-offset",
    "rejected-parameter",
    "surface",
    "can-i-move",
    "none",
    "inconclusive",
    "explain",
    "demo",
]
ANSI = re.compile(r"\x1b\[[0-9;]+m")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("verbosity", ["normal", "verbose"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_report_fits_the_terminal(name, verbosity, width):
    lines = render(golden(name), width=width, verbosity=verbosity).split("\n")
    assert [line for line in lines if columns(line) > width] == []
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_colour_adds_codes_and_takes_nothing(name, width):
    plain, coloured = (render(golden(name), width=width, color=color) for color in (False, True))
    assert "\x1b" not in plain
    assert "\x1b" not in ANSI.sub("", coloured)
    words = re.compile(r"[\[{][-+]|[-+][\]}]|\s|│")
    assert sorted(words.sub("", ANSI.sub("", coloured))) == sorted(words.sub("", plain))


def test_the_verdict_stands_first_and_the_exit_code_last():
    lines = render(golden("rejected-parameter")).splitlines()
    assert lines[0] == "BREAKING  1 breaking, 0 warnings, 1 info; 1 acknowledged"
    assert lines[-2] == "gate          fails on breaking: failed, exit 1"
    assert lines[-1].startswith("comparison    ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "fence",
            [
                "0 of 50 → 44 of 50, +88 points (95 % interval +74.6 to +94.4)",
                "statistical: exact McNemar over 50 pairs (44 up, 0 down), p=1.14e-13, q=7.96e-13",
                "default: breaking; it is not known whether the answer is machine-read: warning",
                "and 2 more witnesses",
                "documented, 2023-03 to 2023-06:",
                "usage.input_tokens: the recordings hold no input tokens (100 samples)",
                "7 tests, false discovery rate held at 5 %",
                "llmdrift-leetcode-easy:openaichat/gpt-4-0314@0314",
            ],
        ),
        (
            "token-offset",
            [
                "41.35 → 53.35 tokens on average of 40, +12 tokens",
                "exact: each of 40 pairs moved by +12, and a fixed request has no noise",
                '{"usage": {"input_tokens": [-31-], "output_tokens": 17}}',
                '{"usage": {"input_tokens": {+43+}, "output_tokens": 17}}',
                "no documented cause",
                "nothing that anyone announced",
            ],
        ),
        (
            "rejected-parameter",
            [
                "request /temperature: 200 → 400 invalid_request_error",
                "exact: one observation decides; 3 of 3 pairs show it",
                "request-parameter-rejected  params.temperature/01",
                "we never send top_k (team-search, until 2027-02-01)",
                "streaming: 6 of 6 samples failed: the connection was cut in mid-stream",
                "rare, new",
                "exact facts only",
            ],
        ),
        (
            "surface",
            ['surface /request/temperature: {"required":false,"type":"number"} → absent'],
        ),
        ("none", ["Nothing moved beyond chance. What could have been seen stands below.", "12.9 points"]),
        ("inconclusive", ["that proves nothing", "could not be decided, exit 3", "2.00 USD was spent"]),
        (
            "can-i-move",
            [
                "NO  invoice-extractor (team-billing)",
                "1 of 4 clauses",
                "59 more samples of refusal.medical/01, 0.42 USD",
                "price unknown",
            ],
        ),
        (
            "explain",
            [
                "witnessed or statistical",
                "warning when the probe is prose, not machine-read",
                "0 of 50 → 44 of 50",
            ],
        ),
        (
            "demo",
            [
                "control: no drift found; candidate: breaking; 148 s",
                "The model against itself",
                "3 of 40 → 27 of 40",
            ],
        ),
        ("history", ["·▁▃▁▁?▁▅▁██▁", "0 % to 93 %", "inconclusive"]),
        ("runs", ["llmdrift-leetcode-easy:openaichat/gpt-4-0613@0613", "incomplete", "4 runs, 1242 samples"]),
        ("verify", ["its seal does not fit its samples", "1 problem in 3 runs with 1130 samples"]),
        ("import", ["Unknown field kept: harness_commit (50 lines)."]),
        ("baselines", ["first run after the SDK upgrade, reviewed in full"]),
        ("check", ["1 not checked; exit 1", "no key for anthropic/claude-opus-5-5", "540 calls, 0.92 USD"]),
    ],
)
def test_a_report_says(name, said):
    text = " ".join(render(golden(name), width=200).split())
    for words in said:
        assert " ".join(words.split()) in text


def test_the_worst_comes_first():
    text = render(golden("rejected-parameter"))
    places = [
        text.index(word)
        for word in ("Breaking (1)", "Info (1)", "Acknowledged (1)", "Not measured", "Not cleared")
    ]
    assert places == sorted(places)


def test_a_family_stands_where_its_worst_finding_would():
    document = golden("rejected-parameter")
    document["findings"] = [
        {
            **document["findings"][0],
            "family": family,
            "fingerprint": f"{number:012x}",
            "evidence_class": evidence,
        }
        for number, (family, evidence) in enumerate([("a", "witnessed"), ("b", "witnessed"), ("b", "exact")])
    ]
    shown = re.findall(r"fingerprint +([0-9a-f]{12})", render(document))
    assert shown == ["000000000002", "000000000001", "000000000000"]


def test_quiet_is_the_verdict_and_one_line_a_finding():
    probe = "params.temperature/01, probes/parameters/params.temperature.yaml:14"
    assert render(golden("rejected-parameter"), verbosity="quiet").splitlines() == [
        "BREAKING  1 breaking, 0 warnings, 1 info; 1 acknowledged",
        f"fa2ab16dd977  breaking  request-parameter-rejected  parameters, {probe}  /temperature  0 of 3 → 3 of 3",
        "01c14b420225  info      text-preamble-added  json_format  /content/0/text  0 of 120 → 1 of 120",
    ]


def test_verbose_shows_every_witness_every_step_and_every_measure():
    text = render(golden("fence"), verbosity="verbose")
    assert text.count("\n  witness ") == 4
    assert "area output, direction response, axis model version" in text
    assert "Measured (3)" in text
    assert "text.chars" in text
    assert "llmdrift-leetcode-easy/0613/2769-find-the-maximum-achievable-number/1" in " ".join(
        text.split()
    ).replace(" ", "")
    assert "more witness" not in text


def test_a_histogram_of_several_differences_is_drawn():
    document = golden("token-offset")
    document["findings"][0]["evidence"].update(offset=None, histogram={"-2": 5, "0": 170, "10": 1, "1": 40})
    lines = [line.split() for line in render(document).splitlines() if "█" in line]
    assert [(line[-3], line[-1]) for line in lines] == [("-2", "5"), ("0", "170"), ("1", "40"), ("10", "1")]
    assert len(lines[1][-2]) == 20


def test_a_finding_that_is_gone_is_not_counted():
    document = golden("fence")
    document["findings"][1]["state"] = "absent"
    text = render(document)
    assert text.startswith("WARNING  0 breaking, 1 warning, 0 info\n")
    assert "No longer seen (1)" in text


def test_silence_beside_an_acknowledgement_is_said_so():
    document = golden("rejected-parameter")
    document["findings"] = [finding for finding in document["findings"] if finding["acknowledged"]]
    assert "Nothing moved beyond chance but what is acknowledged." in render(document)


def test_two_columns_become_one_on_a_narrow_page():
    assert "│" in render(golden("fence"), width=80)
    assert "│" not in render(golden("fence"), width=60)


def test_wide_characters_keep_the_columns_straight():
    document = golden("fence")
    for side in ("baseline", "candidate"):
        document["findings"][0]["witnesses"][0][side]["excerpt"] = f"漢字かな交じり文の{side}の例 " * 6
    bars = {columns(line[: line.index("│")]) for line in render(document).splitlines() if "│" in line}
    assert len(bars) == 1


def test_a_name_cannot_forge_a_line_of_the_report():
    document = golden("fence")
    forged = "x\ngate          fails on breaking: passed, exit 0\nNO DRIFT FOUND"
    for place in (document["baseline"], document["findings"][0]):
        place["target" if "target" in place else "family"] = forged
    document["notices"] = [forged]
    lines = render(document, width=200).splitlines()
    assert "NO DRIFT FOUND" not in lines
    assert lines.count("gate          fails on breaking: passed, exit 0") == 1


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_document_can_act_on_a_terminal(name, data):
    document = with_strings(golden(name), lambda: data.draw(hostile_text))
    color = data.draw(st.booleans())
    width = data.draw(st.integers(40, 130))
    verbosity = data.draw(st.sampled_from(["quiet", "normal", "verbose"]))
    text = render(document, width=width, color=color, verbosity=verbosity)
    plain = ANSI.sub("", text) if color else text
    assert all(char in "\n\u3000" or char.isprintable() for char in plain)
    assert not any(line.lstrip().startswith("::") for line in plain.splitlines())
    assert not re.search(r"##\w*\[", plain)
    text.encode("utf-8")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_report_of_hostile_strings_still_fits(name, hostile):
    document = with_strings(golden(name), lambda: hostile)
    lines = render(document, width=80).splitlines()
    # The backslash that breaks a workflow command comes on top; ids and headings of a table are never broken.
    laid_out = [line.replace("\\::", "::").replace("\\[", "[") for line in lines if "─" not in line]
    assert [line for line in laid_out if columns(line) > 80 and "exact facts only" not in line] == []


def test_an_unknown_kind_is_refused():
    with pytest.raises(DocumentError):
        render({"kind": "nonsense"})
