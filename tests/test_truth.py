# That the measure of truth measures: sides without a common sample, faults in the share asked for, sections kept.
# Owns: the recordings of this repository, dealt a few times. Refuses to know: which rates are good.
from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ET

import pytest

from bench import truth
from bench.faults import FAULTS, inject, text_of
from bench.plot import Curve, plot


@pytest.fixture(scope="module")
def source():
    (found,) = truth.sources(None)
    return found


def documents(snapshot):
    return [json.dumps(sample.document, sort_keys=True) for sample in snapshot.samples]


def test_the_sides_of_a_split_share_no_sample(source):
    first, second = source.deal(random.Random(1), 5)
    assert len(first.samples) == len(second.samples) > 200
    assert not {id(sample.document) for sample in first.samples} & {id(s.document) for s in second.samples}
    assert {sample.probe_id for sample in first.samples} == {sample.probe_id for sample in second.samples}
    again, _ = source.deal(random.Random(1), 5)
    assert documents(again) == documents(first)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.source == 0], ids=lambda f: f.name)
def test_a_fault_in_every_answer_is_named_and_in_none_is_not(source, fault):
    baseline, candidate = source.deal(random.Random(2), 5)
    assert not fault.rules & source.loud(baseline, inject(candidate, fault, 0.0, random.Random(3)))
    before = documents(candidate)
    assert fault.rules & source.loud(baseline, inject(candidate, fault, 1.0, random.Random(3)))
    assert documents(candidate) == before  # the samples themselves stay as they were recorded


def test_a_fault_is_written_into_the_share_that_was_asked_for(source):
    fault = FAULTS[0]
    _, candidate = source.deal(random.Random(4), 5)
    fit = [sample for sample in candidate.samples if fault.fits(sample)]
    changed = inject(candidate, fault, 0.4, random.Random(5))
    fenced = sum(
        text_of(after).startswith("```json\n{") and not text_of(before).startswith("```")
        for before, after in zip(candidate.samples, changed.samples, strict=True)
    )
    assert fenced / len(fit) == pytest.approx(0.4, abs=0.15)


def test_the_baselines_alarm_where_a_text_differs_and_on_nothing_else(source):
    first, second = source.deal(random.Random(6), 5)
    for judge in truth.BASELINES.values():
        assert not judge(first, first)
    assert truth.by_bytes(first, second)
    assert truth.by_deepdiff(first, second)


def test_a_section_that_was_not_measured_stays_as_it_stood(tmp_path, monkeypatch):
    monkeypatch.setattr(truth, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    truth.write("# Head\n", {"One": "first", "Two": "second | a"}, [Curve("a", [(0.1, 0.5)])])
    whole = (tmp_path / "docs" / "truth.md").read_text("utf-8")
    truth.write("# Head\n", {"One": "", "Two": "second | a"}, [])
    assert (tmp_path / "docs" / "truth.md").read_text("utf-8") == whole
    truth.write("# Other\n", {"One": "new", "Two": ""}, [])
    after = (tmp_path / "docs" / "truth.md").read_text("utf-8")
    assert after == "# Other\n\n## One\n\nnew\n\n## Two\n\nsecond | a\n"
    ET.parse(tmp_path / "docs" / "truth.svg")


def test_a_plot_is_xml_whatever_a_curve_is_called():
    root = ET.fromstring(plot([Curve("<a> & b", [(0.1, 0.0), (0.4, 1.0)])], "title", "across"))
    assert [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")][-1] == "<a> & b"


def test_an_unknown_section_is_named_with_the_known_ones(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["truth", "--only", "Nothing moved"])
    monkeypatch.delenv("DRIFT_CORPUS", raising=False)
    with pytest.raises(SystemExit):
        truth.main()
    assert "no section Nothing moved; there are: Nothing changed" in capsys.readouterr().err
