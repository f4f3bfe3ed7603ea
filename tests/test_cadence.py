# The pace of vendors: what is counted, when there is a forecast, and that its probability is what it says.

import datetime as dt
import itertools
import json
import random

import pytest

from drift.cli import main
from drift.lifecycle import Lifecycle, Reading
from drift.lifecycle.cadence import FLOOR, WINDOW, back_test, cadences, interval
from drift.report import validate

pytest_plugins = ["tests.cli_fixtures"]

TODAY = dt.date(2026, 11, 26)


def reading(
    model: str, released: int | None = None, announced: int | None = None, ends: int | None = None, **more
):
    """A reading whose days are counted from 2026-01-01."""
    day = lambda n: None if n is None else dt.date(2026, 1, 1) + dt.timedelta(days=n)  # noqa: E731
    values = {
        "platform": "anthropic", "vendor": "anthropic", "model_id": model, "what": "model", "alias_of": None,
        "released": day(released), "deprecated_on": day(announced), "retires_on": day(ends),
        "retires_kind": "unknown" if ends is None else "firm", "replacement": None, "second_hand": False,
        "as_of": dt.date(2026, 11, 20), "source": "s", "note": "",
    }  # fmt: skip
    return Reading(**{**values, **more})


def one(*readings, today=TODAY):
    (found,) = cadences(Lifecycle(tuple(readings)), today)
    return found


def series(found, kind):
    return next(entry for entry in found.series if entry.kind == kind)


def released_every(days, count):
    return [reading(f"claude-x-{number}", released=number * days) for number in range(count)]


@pytest.mark.parametrize("n", [FLOOR, 10, 14, 19, 20])
def test_the_next_gap_lies_in_the_interval_as_often_as_it_says(n):
    """Of n + 1 gaps in any order, the last one is any of them: count the ranks that the interval holds."""
    values = list(range(100, 100 + n + 1))
    hits = 0
    for last in values:
        low, high, probability = interval([value for value in values if value != last])
        hits += low <= last <= high
    assert hits / (n + 1) == pytest.approx(probability)
    assert probability >= 0.8


def test_the_back_test_of_gaps_of_one_kind_is_right_as_often_as_it_says():
    draw = random.Random(11)
    tests = [back_test([round(draw.lognormvariate(3, 0.8)) for _ in range(60)]) for _ in range(60)]
    share = sum(test.hit for test in tests) / sum(test.n for test in tests)
    assert 0.78 < share < 0.9


def test_a_vendor_that_speeds_up_fails_its_back_test():
    test = back_test([round(200 * 0.85**number) + 1 for number in range(24)])
    assert test.hit / test.n < 0.3


@pytest.mark.parametrize(("count", "has"), [(FLOOR, False), (FLOOR + 1, True)])
def test_below_the_floor_there_is_no_forecast(count, has):
    found = series(one(*released_every(20, count)), "releases")
    assert (found.forecast is not None) == has
    assert found.gaps.n == count - 1
    if not has:
        assert found.why_not == f"{count - 1} gaps are fewer than {FLOOR}, the least for 80%"


def test_the_forecast_counts_from_the_last_day_and_the_newest_gaps():
    slow = [reading(f"claude-s-{number}", released=-3000 + number * 100) for number in range(10)]
    fast = [reading(f"claude-f-{number}", released=number * 10) for number in range(WINDOW + 1)]
    found = series(one(*slow, *fast, today=dt.date(2026, 1, 1) + dt.timedelta(days=10 * WINDOW)), "releases")
    last = dt.date(2026, 1, 1) + dt.timedelta(days=10 * WINDOW)
    assert (found.forecast.earliest, found.forecast.latest) == (last + dt.timedelta(days=10),) * 2
    assert (found.forecast.n, found.forecast.overdue) == (WINDOW, False)
    late = series(one(*slow, *fast), "releases")
    assert late.forecast.overdue is True


def test_a_published_day_takes_the_place_of_a_forecast():
    past = [
        reading(f"claude-p-{number}", announced=number * 20, ends=number * 20 + 60) for number in range(12)
    ]
    future = reading("claude-q-1", announced=320, ends=400)
    found = series(one(*past, future), "ends")
    assert found.next_known == dt.date(2026, 1, 1) + dt.timedelta(days=400)
    assert found.forecast is None


def test_models_that_are_announced_together_are_one_notice_and_previews_stand_apart():
    found = one(
        reading("claude-a-1", announced=0, ends=60),
        reading("claude-a-1-latest", announced=0, ends=60),
        reading("claude-b-1", announced=0, ends=90),
        reading("claude-c-1-preview", announced=0, ends=14),
        reading("claude-d-1", announced=5),
        reading("claude-e-1", announced=5, ends=365, retires_kind="not_sooner_than"),
    )
    assert (found.notice.n, found.notice.least, found.notice.most) == (2, 60, 90)
    assert (found.preview_notice.n, found.preview_notice.median) == (1, 14)


def test_labels_and_features_are_no_models():
    found = one(*released_every(20, 3), reading("Assistants API", released=900, what="feature"))
    assert series(found, "releases").gaps.n == 2


def test_the_packaged_dates_give_the_known_numbers():
    found = {entry.vendor: entry for entry in cadences(Lifecycle.load(), TODAY)}
    notice = found["anthropic"].notice
    assert (notice.n, notice.least, notice.median, notice.most) == (10, 60, 62.5, 189)
    assert series(found["anthropic"], "ends").next_known == dt.date(2026, 11, 30)
    assert found["google"].second_hand > 0.5
    gaps = series(found["anthropic"], "releases").gaps
    days = sorted({
        row.released for row in Lifecycle.load().readings if row.platform == "anthropic" and row.released is not None
    })  # fmt: skip
    assert gaps.n == len(days) - 1
    assert gaps.most == max((b - a).days for a, b in itertools.pairwise(days))


def test_the_command_says_what_is_not_known(project, capsys):
    assert main(["models", "cadence", "anthropic", "--today", "2026-12-31", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    validate(document)
    assert [entry["vendor"] for entry in document["vendors"]] == ["anthropic"]
    assert document["notices"] == ["anthropic: what came after 2026-11-26 is not in the table."]
    assert main(["models", "cadence", "--today", "2026-11-26"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "on the past it was right" in text
    assert "published" in text
    assert main(["models", "cadence", "acme"]) == 2
    assert "nothing is known about the pace of 'acme'; " in capsys.readouterr().err
