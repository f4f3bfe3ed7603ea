# The planning view: what to move, by when, to what; what was measured on the way; what nobody measured.

import datetime as dt
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import icalendar
import pytest

from drift.cli import main
from drift.report import FORMATS, formats_for, validate
from drift.store import Store
from drift.surface.document import EXTRACTOR_VERSION, counts
from tests.cli_support import write_recorded
from tests.report_support import HOSTILE, golden, with_strings
from tests.surface_support import written_surface

pytest_plugins = ["tests.cli_fixtures", "tests.vendor.plugin"]

TODAY = ["--today", "2026-11-26"]
CODE = """
import anthropic
MODEL = "claude-sonnet-4-5"
anthropic.Anthropic().messages.create(model=MODEL, max_tokens=9, tool_choice={"type": "any"}, messages=[])
OTHER = "claude-opus-5-5"
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def planned(capsys, *argv):
    assert main(["plan", *TODAY, *argv, "--json"]) == 0, capsys.readouterr().err
    document = json.loads(capsys.readouterr().out)
    validate(document)
    return document


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    """A project with runs of both models, the second with a hidden prompt of twelve tokens."""
    from tests.vendor import Vendor

    folder = write(tmp_path_factory.mktemp("measured"), **{"app.py": CODE})
    with Vendor() as vendor, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", vendor.url)
        database = str(folder / "snapshots/drift.db")
        arguments = [
            "--suite",
            "smoke",
            "--family",
            "tokens",
            "--family",
            "json_format",
            "-q",
            "-d",
            database,
        ]
        assert main(["run", "anthropic/claude-sonnet-4-5", *arguments]) == 0
        with vendor.behaving(token_offset=12):
            assert main(["run", "anthropic/claude-sonnet-5-5", *arguments]) == 0
    return folder


@pytest.fixture
def shop(measured, project):
    shutil.copytree(measured, project, dirs_exist_ok=True)
    return project


# What to move, by when, to what


def test_a_pin_has_its_end_its_replacement_and_the_day_to_begin(project, capsys):
    write(project, **{"app.py": CODE})
    document = planned(capsys)
    first, second = document["projects"][0]["steps"]
    assert (first["spec"], first["status"]["retires_on"], first["move_to"]) == (
        "anthropic/claude-sonnet-4-5", "2026-11-30", "anthropic/claude-sonnet-5-5",
    )  # fmt: skip
    assert (first["begin_by"], first["level"]) == ("2026-10-01", "warning")
    assert first["uses"] == [{"file": "app.py", "line": 3, "key": "MODEL"}]
    assert [one["parameter"] for one in first["parameters"]] == ["tool_choice"]
    assert second["spec"] == "anthropic/claude-opus-5-5"
    assert second["level"] is second["begin_by"] is None
    assert planned(capsys, "--lead-days", "2")["projects"][0]["steps"][0]["begin_by"] == "2026-11-28"


def test_what_ends_first_comes_first_and_what_is_spoken_of_is_no_step(project, capsys):
    write(
        project,
        **{
            "app.py": 'a = "claude-opus-5-5"\nb = "gpt-4.1"\nc = "claude-2.1"\nd = "gpt-5"\nif x == "gpt-4o": pass\n'
        },
    )
    steps = planned(capsys)["projects"][0]["steps"]
    assert [step["model"] for step in steps] == ["claude-2.1", "gpt-5", "gpt-4.1", "claude-opus-5-5"]


def test_days_are_listed_in_order_and_what_should_have_begun_begins_today(project, capsys):
    write(project, **{"app.py": 'a = "claude-sonnet-4-5"\nb = "gpt-5.1"\nc = "gemini-2.5-pro"\n'})
    dates = [(one["date"], one["kind"], one["spec"]) for one in planned(capsys)["projects"][0]["dates"]]
    assert dates == [
        ("2026-11-26", "begin", "anthropic/claude-sonnet-4-5"),
        ("2026-11-26", "begin", "gemini/gemini-2.5-pro"),
        ("2026-11-30", "end", "anthropic/claude-sonnet-4-5"),
        ("2026-12-01", "reroute", "gemini/gemini-2.5-pro"),
        ("2027-01-31", "begin", "openai/gpt-5.1"),
        ("2027-04-01", "end", "openai/gpt-5.1"),
    ]


def test_several_projects_have_a_page_each_and_no_path_is_told(project, capsys):
    write(project, **{"one/app.py": CODE, "two/app.rb": "x = 'gpt-4.1'"})
    document = planned(capsys, "one", str(project / "two"))
    assert [page["name"] for page in document["projects"]] == ["one", "two"]
    assert str(project) not in json.dumps(document)


def test_a_name_in_prose_is_no_target(project, capsys):
    write(project, **{"app.py": 'a = "meta.llama3-1-405b-instruct-v1:0"'})
    (step,) = planned(capsys)["projects"][0]["steps"]
    assert (step["status"]["replacement"], step["move_to"]) == ("Llama 4 Maverick", None)
    assert step["to_measure"] == []


# What was measured


def test_nothing_measured_says_how_to_measure(project, capsys):
    write(project, **{"app.py": 'a = "claude-sonnet-4-5"\nb = "claude-2.1"\n'})
    document = planned(capsys)
    steps = {step["model"]: step for step in document["projects"][0]["steps"]}
    assert steps["claude-sonnet-4-5"]["measured"] == []
    assert steps["claude-sonnet-4-5"]["to_measure"][-1] == (
        "drift diff anthropic/claude-sonnet-4-5 anthropic/claude-sonnet-5-5"
    )
    assert steps["claude-2.1"]["to_measure"] == ["drift run anthropic/claude-opus-4-8 --suite contract"]
    assert any("nothing was measured" in notice for notice in document["notices"])


def test_runs_of_both_models_are_compared_and_not_stored(shop, capsys):
    step = planned(capsys)["projects"][0]["steps"][0]
    (told,) = step["measured"]
    assert (told["to"], told["due"], told["comparison"]) == ("anthropic/claude-sonnet-5-5", True, None)
    assert [finding["rule"] for finding in told["findings"]] == ["input-token-count-shifted"]
    numbers = {one["what"]: one for one in told["numbers"]}
    assert numbers["input_tokens"]["after"] - numbers["input_tokens"]["before"] == pytest.approx(12)
    assert numbers["output_tokens"]["ratio"] == 1
    assert numbers["cost_usd"]["before"] > 0
    assert numbers["latency_ms"]["probes"] >= 5
    assert step["to_measure"] == []
    with Store.open(shop / "snapshots/drift.db") as store:
        assert list(store.comparisons()) == []
        assert told["created_at"] == max(run.created_at for run in store.runs())


def test_one_plan_made_twice_differs_in_the_moment_alone(shop, capsys):
    first, second = ({**planned(capsys), "created_at": "2026-11-26T00:00:00+00:00"} for _ in range(2))
    assert first == second
    for name in (one.name for one in formats_for("plan")):
        assert FORMATS[name].render(first) == FORMATS[name].render(second)


def test_the_newest_stored_comparison_counts_before_runs(shop, capsys):
    for _ in range(2):
        main(["diff", "anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-5-5"])
    with Store.open(shop / "snapshots/drift.db") as store:
        newest = next(store.comparisons())["id"]
    capsys.readouterr()
    (told,) = planned(capsys)["projects"][0]["steps"][0]["measured"]
    assert told["comparison"] == newest


def test_recorded_outputs_of_both_models_count(project, capsys):
    write(project, **{"app.py": 'a = "claude-sonnet-4-5"'})
    write_recorded(project / "old.jsonl", "plain", target="claude-sonnet-4-5-20250929")
    write_recorded(project / "new.jsonl", "fenced", target="claude-sonnet-5-5")
    assert main(["import", "old.jsonl", "new.jsonl"]) == 0
    capsys.readouterr()
    (told,) = planned(capsys)["projects"][0]["steps"][0]["measured"]
    assert [finding["rule"] for finding in told["findings"]] == ["text-markdown-fence-added"]
    assert told["numbers"] == []


def test_runs_of_other_platforms_and_data_sets_do_not_count(project, capsys):
    write(project, **{"app.py": 'a = "anthropic.claude-opus-4-20250514-v1:0"\nb = "claude-sonnet-4-5"\n'})
    write_recorded(project / "old.jsonl", "plain", target="claude-sonnet-4-5", dataset="one")
    write_recorded(project / "new.jsonl", "fenced", target="claude-sonnet-5-5", dataset="two")
    main(["import", "old.jsonl", "new.jsonl"])
    capsys.readouterr()
    assert all(not step["measured"] for step in planned(capsys)["projects"][0]["steps"])


# What an SDK brings


def store_surfaces(folder: Path, *versions: str) -> None:
    with Store.open(folder / "snapshots/drift.db") as store:
        for number, version in enumerate(versions):
            endpoints = {"POST /v1/messages": {"ga": {"messages.create": {}}}}
            if number == 0:
                endpoints["POST /v1/complete"] = {"ga": {"completions.create": {}}}
            surface = written_surface({"endpoints": endpoints})
            surface["package"] |= {"name": "anthropic", "version": version, "sha256": f"{number:064x}"}
            surface["extractor"] = EXTRACTOR_VERSION
            store.save_surface(surface, counts(surface), "2026-11-26T06:00:00+00:00")


def test_the_sdk_jump_is_told_from_stored_surfaces(project, capsys):
    write(project, **{"app.py": CODE, "requirements.txt": "anthropic>=0.8\nopenai\n", "uv.lock": LOCK})
    store_surfaces(project, "0.125.0", "1.0.0")
    first, second = planned(capsys)["projects"][0]["sdks"]
    assert (first["package"], first["version"], first["newest"]) == ("anthropic", "0.125.0", "1.0.0")
    assert [fact["rule"] for fact in first["facts"]] == ["endpoint-removed"]
    assert first["counts"]["breaking"] == 1
    assert (second["package"], second["counts"]) == ("openai", None)
    assert second["missing"].startswith("no single version is pinned")


LOCK = '[[package]]\nname = "anthropic"\nversion = "0.125.0"\n'


def test_a_surface_that_is_not_stored_is_asked_for(project, capsys):
    write(
        project,
        **{
            "app.py": CODE,
            "requirements.txt": "anthropic==2.9.0\n",
            "go.mod": "require github.com/openai/openai-go v1.0.0\n",
        },
    )
    found = {one["package"]: one["missing"] for one in planned(capsys)["projects"][0]["sdks"]}
    assert found["anthropic"] == "drift api snapshot anthropic==2.9.0 anthropic"
    assert found["github.com/openai/openai-go"] == "surfaces are read from Python releases alone"
    store_surfaces(project, "2.9.0")
    (only, _) = sorted(planned(capsys)["projects"][0]["sdks"], key=lambda one: one["ecosystem"] != "pypi")
    assert only["missing"] == "nothing newer is stored: drift api snapshot anthropic"


# Formats


def test_a_plan_is_written_in_every_format(shop, capsys):
    names = ["plan.txt", "plan.md", "plan.json", "plan.html", "plan.ics"]
    assert main(["plan", *TODAY, *[part for name in names for part in ("-o", name)]]) == 0
    said = capsys.readouterr().out
    for name in names:
        text = (shop / name).read_bytes().decode("utf-8")
        assert "2026-11-30" in text or "20261130" in text
        assert "claude-sonnet-5-5" in text.replace("\r\n ", "")
    assert (
        "claude-sonnet-4-5 ends on 2026-11-30, in 4 days. Its replacement is claude-sonnet-5-5."
        in " ".join(said.split())
    )
    assert "input-token-count-shifted" in said


class Page(HTMLParser):
    """Every tag, attribute and style of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"meta", "br", "line", "rect", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_its_tags_fit():
    text = FORMATS["html"].render(golden("plan"))
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "a", "form", "base"} & set(page.tags)
    assert not {name for name, _ in page.attributes} & {
        "src",
        "href",
        "srcset",
        "data",
        "action",
        "onclick",
        "onload",
    }
    assert not re.search(r"url\(|@import|://", text)
    assert "default-src 'none'" in text
    assert page.tags.count("article") == len(golden("plan")["projects"][0]["steps"])
    assert "svg" in page.tags


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_stays_text_on_the_page_and_in_the_calendar(hostile):
    kept = {
        "date",
        "retires_on",
        "today",
        "begin_by",
        "table_as_of",
        "retires_kind",
        "spec",
        "earliest",
        "latest",
        "what",
    }
    document = with_strings(golden("plan"), lambda: hostile)
    restore(document, golden("plan"), kept)
    clean, dirty = (FORMATS["html"].render(one) for one in (golden("plan"), document))
    assert set(Page(dirty).tags) <= set(Page(clean).tags) | {"ul", "li"}
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", dirty)
    calendar = FORMATS["ics"].render(document)
    names = {
        line.partition(":")[0].partition(";")[0] for line in calendar.split("\r\n") if line and line[0] != " "
    }
    assert names <= {
        "BEGIN", "VERSION", "PRODID", "X-WR-CALNAME", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "CATEGORIES",
        "DESCRIPTION", "TRANSP", "ACTION", "TRIGGER", "END",
    }  # fmt: skip
    icalendar.Calendar.from_ical(calendar)


def restore(value, original, kept):
    """Put the values of some fields back: days and words that decide how a thing is drawn."""
    for key, child in original.items() if isinstance(original, dict) else enumerate(original):
        if key in kept and isinstance(child, str):
            value[key] = child
        elif isinstance(child, dict | list):
            restore(value[key], child, kept)


def events(document):
    return icalendar.Calendar.from_ical(FORMATS["ics"].render(document)).walk("VEVENT")


def test_the_calendar_has_the_days_ahead_and_keeps_their_names():
    document = golden("plan")
    found = events(document)
    days = [date for date in document["projects"][0]["dates"] if date["date"] >= document["today"]]
    assert [event["DTSTART"].dt.isoformat() for event in found] == [day["date"] for day in days]
    end = next(event for event in found if "claude-sonnet-4-5 ends" in event["SUMMARY"])
    assert end["DTEND"].dt - end["DTSTART"].dt == dt.timedelta(days=1)
    assert end["TRANSP"] == "TRANSPARENT"
    assert end.walk("VALARM")[0]["TRIGGER"].dt == dt.timedelta(days=-14)
    later = {**document, "created_at": "2027-01-01T00:00:00+00:00"}
    assert FORMATS["ics"].render(later) == FORMATS["ics"].render(document)
    tomorrow = {**document, "today": "2026-11-27"}
    assert {event["UID"] for event in events(tomorrow)} < {event["UID"] for event in found}
    assert len({event["UID"] for event in found}) == len(found)


def test_projects_of_one_name_are_told_apart(project, capsys):
    for path in ("a/web/app.py", "b/web/app.py", "api/app.py"):
        write(project, **{path: CODE})
    document = planned(capsys, "a/web", "b/web", "api")
    assert [one["name"] for one in document["projects"]] == ["a/web", "b/web", "api"]
    found = [event["UID"] for event in events(document)]
    assert len(found) == len(set(found)) > 3


def test_the_timeline_shows_a_model_of_which_no_day_is_known(project, capsys):
    write(project, **{"app.py": CODE + 'THIRD = "claude-tango-9"\n'})
    page = FORMATS["html"].render(planned(capsys))
    figure = page.partition("<figure>")[2].partition("</figure>")[0]
    assert re.search(r"claude-tango-9</text>.*?>not known</text>", figure, re.DOTALL)


def test_lines_of_the_calendar_are_short_and_end_as_the_standard_says():
    document = golden("plan")
    document["projects"][0]["steps"][0]["explanation"] = "漢字" * 200
    text = FORMATS["ics"].render(document)
    lines = text.encode().split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


def test_an_empty_plan_is_valid_everywhere(project, capsys):
    document = planned(capsys)
    assert document["projects"][0]["steps"] == []
    assert events(document) == []
    assert "asks no model" in FORMATS["html"].render(document)
    assert "asks no model" in " ".join(FORMATS["text"].render(document).split())


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["none"], "there is no folder none; "),
        (["--today", "soon"], "--today 'soon' is no day; "),
        (["-d", "none.db"], "there is no database none.db; "),
        (["--format", "sarif"], "there is no format 'sarif'; choose from text"),
        (["-o", "plan.xlsx"], "ends in '.xlsx'; "),
    ],
)
def test_a_mistake_is_one_line(project, capsys, argv, words):
    assert main(["plan", *argv]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
