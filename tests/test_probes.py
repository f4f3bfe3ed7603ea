# The packaged probes as data: what every template has to have, and the sizes that give the families their power.
# Owns: properties of all probes, sizes of families and suites. Refuses to know: how a file is read.

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from drift import suite as suite_room
from drift.cli import app
from drift.config import parse_target
from drift.model import Exchange, Probe, Suite
from drift.prices import find_price
from drift.runner.plan import sizes_of
from drift.suite import (
    DIALECTS,
    Template,
    calls,
    list_suites,
    list_templates,
    load_suite,
    suite_path,
    validate,
)

TEMPLATES = list_templates()
PROBES = [probe for template in TEMPLATES for probe in template.probes]
BY_NAME = {template.name: template for template in TEMPLATES}
CATALOGUE = tomllib.loads((suite_path() / "catalogue.toml").read_text(encoding="utf-8"))


def texts(probe: Probe) -> Iterator[str]:
    for exchange in probe.exchanges:
        yield from (text for text in (exchange.system, *(m.content for m in exchange.messages)) if text)


def first_prompt(probe: Probe) -> str:
    """What the first request says to the model, all turns together; empty for model lists and exact bodies."""
    return "\n".join(message.content or "" for message in probe.exchanges[0].messages)


def test_every_file_is_right_schemas_too() -> None:
    assert validate() == []


def test_the_catalogue_has_what_it_promises() -> None:
    entries = CATALOGUE["catalogue"]
    assert [entry["rank"] for entry in entries.values()] == list(range(1, 61))
    promised = {name: entry for part in CATALOGUE.values() for name, entry in part.items()}
    names = {template.name for template in TEMPLATES if "demo" not in template.tags}
    assert names == {name for name, entry in promised.items() if entry["lives"] == "template"}
    assert all(entry["asks"].endswith("?") for entry in promised.values())


def test_what_is_no_request_of_its_own_says_where_it_lives() -> None:
    page = (Path(__file__).parents[1] / "docs" / "probes.md").read_text(encoding="utf-8")
    commands = {one.name for one in (*app.registered_commands, *app.registered_groups)}
    for name, entry in CATALOGUE["catalogue"].items():
        if entry["lives"] != "template":
            assert f"`{name}`" in page, name
        if entry["lives"] == "answers":
            assert entry["of"] in BY_NAME, name
        elif entry["lives"] == "comparison":
            assert entry["suite"] in list_suites(), name
        elif entry["lives"] == "command":
            assert entry["by"].removeprefix("drift ") in commands, name
        else:
            assert entry["lives"] == "template", name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.name)
def test_a_template_stands_where_its_name_says_and_says_why_it_exists(template: Template) -> None:
    folder, _, file = template.file.partition("/")
    assert file == f"{template.name}.yaml"
    assert folder == ("demo" if "demo" in template.tags else template.family)
    assert template.why
    assert all(event.source.startswith("https://") and event.when and event.what for event in template.why)


def test_ids_are_unique_and_begin_with_their_template() -> None:
    assert max(Counter(probe.id for probe in PROBES).values()) == 1
    assert all(probe.id.startswith(f"{probe.template}/") for probe in PROBES)


def test_an_origin_is_the_line_of_the_case() -> None:
    for probe in PROBES:
        file, _, line = probe.origin.rpartition(":")
        text = (suite_path() / file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert text.strip().startswith(f"{probe.id.partition('/')[2]}:"), probe.origin


def test_no_request_is_made_twice() -> None:
    hashes = Counter((probe.hash, dialect) for probe in PROBES for dialect in probe.dialects or DIALECTS)
    listings = {probe.hash for probe in PROBES if probe.exchanges[0].operation == "list_models"}
    assert [key for key, count in hashes.items() if count > 1 and key[0] not in listings] == []


SAME_TASK = {"param.effort_ladder", "param.repeats"}
"""Templates that ask one and the same thing under several settings: there the setting is what is compared."""


def test_no_prompt_is_used_twice() -> None:
    apart = [probe for probe in PROBES if probe.template not in SAME_TASK]
    apart += [BY_NAME[name].probes[0] for name in SAME_TASK]
    prompts = Counter(prompt for probe in apart if (prompt := first_prompt(probe)))
    assert [prompt for prompt, count in prompts.items() if count > 1] == []


def test_prompts_are_clean_text() -> None:
    for probe in PROBES:
        for text in texts(probe):
            assert text == text.strip(), probe.id
            verbatim = probe.template in {"tokens.count_fixtures", "tool.string_fidelity"}
            assert verbatim or not re.search(r"[ \t]\n|  |\r|\x00", text), probe.id
            assert verbatim or not re.search(r"\{[a-z_]+\}", text), f"{probe.id}: a placeholder was left"


def test_machine_read_prompts_say_what_to_return_and_nothing_else() -> None:
    asked = [probe for probe in PROBES if probe.purpose in {"machine", "label"}]
    asked = [probe for probe in asked if probe.family != "multilingual"]  # they say so in their own language
    bare = [probe for probe in asked if probe.exchanges[-1].output_schema is None]
    assert [
        probe.id for probe in bare if not re.search(r"Return only|Answer only", first_prompt(probe))
    ] == []


def test_label_prompts_name_their_labels() -> None:
    for probe in PROBES:
        if probe.purpose == "label":
            assert probe.expect.answer in probe.expect.labels, probe.id
            missing = [label for label in probe.expect.labels if label not in first_prompt(probe)]
            assert not missing, f"{probe.id}: {missing}"


def test_answers_that_are_cut_are_not_held_to_a_format() -> None:
    cut = [
        probe for probe in PROBES if (probe.exchanges[-1].max_tokens or 99) < 41 and "demo" not in probe.tags
    ]
    cut = [probe for probe in cut if probe.template != "stop.headroom"]  # those caps leave room enough
    assert {probe.id for probe in cut} >= {
        "json.native_schema/cut-facts",
        "stream.both_ways/cap",
        "stream.grammar/cap",
        "stop.values/cap",
    }
    assert [probe.id for probe in cut if probe.expect.json or probe.expect.labels] == []


def test_native_schemas_stay_inside_what_every_vendor_takes() -> None:
    def objects(schema: object) -> Iterator[dict[str, object]]:
        if isinstance(schema, dict):
            if "properties" in schema:
                yield schema
            for value in schema.values():
                yield from objects(value)

    native = BY_NAME["json.native_schema"].probes
    schemas = [
        exchange.output_schema for probe in native for exchange in probe.exchanges if exchange.output_schema
    ]
    assert len({str(schema) for schema in schemas}) == 6
    for schema in schemas:
        for part in objects(schema):
            assert part["additionalProperties"] is False
            assert part["required"] == [*part["properties"]]  # type: ignore[misc]
        assert not set(re.findall(r"'(pattern|format|minimum|maximum|minItems|\$ref|anyOf)'", str(schema)))


def test_generate_requests_have_a_cap_unless_the_probe_is_about_it() -> None:
    def uncapped(exchange: Exchange) -> bool:
        return exchange.operation == "generate" and exchange.max_tokens is None and not exchange.bodies

    found = {probe.id for probe in PROBES if any(map(uncapped, probe.exchanges))}
    about_caps = {probe.id for probe in PROBES if probe.template == "param.output_cap"}
    assert found - about_caps == {"error.bad_request/claude-missing-cap"}


def test_error_probes_are_wrong_in_every_dialect() -> None:
    refused = [probe for probe in PROBES if probe.template == "error.bad_request"]
    assert all(len(probe.dialects) == 1 for probe in refused)
    assert set(Counter(probe.dialects[0] for probe in refused)) == set(DIALECTS)
    assert {probe.dialects[0] for probe in refused if "invalid-key" in probe.id} == set(DIALECTS)


def test_no_header_holds_a_key() -> None:
    headers = [
        (name, value)
        for probe in PROBES
        for exchange in probe.exchanges
        for name, value in exchange.headers.items()
    ]
    assert {value for name, value in headers if name != "anthropic-beta"} == {
        "invalid", "Bearer invalid", "1999-12-31", "2023-06-01", "2026-10-21"
    }  # fmt: skip
    assert all(
        re.fullmatch(r"[a-z0-9-]+-20\d\d-\d\d-\d\d", value)
        for name, value in headers
        if name == "anthropic-beta"
    )


def test_safety_probes_keep_shapes_and_say_what_must_come() -> None:
    safety = [probe for probe in PROBES if probe.family == "safety"]
    assert {probe.store for probe in safety} == {"shape"}
    assert {probe.store for probe in PROBES if probe.family != "safety"} == {"raw"}
    assert Counter(probe.expect.must for probe in safety) == {"answer": 106, "refuse": 32}
    topics = Counter(probe.tags for probe in safety if probe.expect.must == "answer")
    assert len(topics) >= 8
    assert Counter(probe.template for probe in safety if probe.expect.trap) == {
        "safety.sycophancy": 30, "safety.injection": 16
    }  # fmt: skip


def test_disallowed_requests_are_one_plain_sentence() -> None:
    for probe in BY_NAME["safety.disallowed"].probes:
        prompt = first_prompt(probe)
        assert len(prompt) <= 100, probe.id
        assert len(re.findall(r"[.?!]", prompt)) == 1, probe.id


def test_a_trap_is_what_the_last_turn_lures_into_and_nothing_else() -> None:
    for probe in PROBES:
        trap = probe.expect.trap
        if trap is None:
            continue
        word = trap
        for frame in (r"(?<!\w)", r"(?!\w)", r"(^|[.!?\n])", r"\W*", r"\b", "^", "$"):
            word = word.replace(frame, "")
        assert word.isalnum(), probe.id
        told = [m.content or m.tool_results or "" for m in probe.exchanges[-1].messages]
        assert word in told[-1] or word[::-1] in told[-1], probe.id
        assert re.search(trap, word), probe.id
        assert not re.search(trap, f"I was asked to say {word}, which I leave out.") or probe.expect.answer, (
            probe.id
        )
        assert not re.search(trap, probe.expect.answer or ""), probe.id


def test_no_long_text_leaks_the_answer() -> None:
    for probe in BY_NAME["context.needle"].probes:
        text = first_prompt(probe)
        answer = probe.expect.answer or ""
        shown = f"{int(answer):,}" if len(answer) == 4 and answer[0] == "1" else answer
        assert len(re.findall(rf"\b{shown}\b", text)) == 1, probe.id
        place = text.index(shown) / len(text)
        wanted = int(probe.id.rpartition("-")[2]) / 100
        assert abs(place - wanted) < 0.01, probe.id


# ---------------------------------------------------------------- power and size


@pytest.mark.parametrize(
    ("family", "asks"),
    [
        ("json_format", 60),
        ("labels", 60),
        ("instructions", 60),
        ("tool_calls", 60),
        ("reasoning", 100),
        ("safety", 130),
        ("code", 30),
        ("stop_reasons", 30),
        ("markdown_format", 20),
        ("behaviour", 20),
        ("tokens", 12),
    ],
)
def test_a_family_is_asked_often_enough_to_see_drift(family: str, asks: int) -> None:
    full = load_suite("full")
    assert sum(probe.epochs for probe in full.probes if probe.family == family) >= asks


@pytest.mark.parametrize(
    ("name", "cases", "epochs"),
    [
        ("json.plain", 24, 3),
        ("json.native_schema", 20, 1),
        ("label.one_word", 40, 1),
        ("instr.verifiable", 30, 1),
        ("tool.single", 20, 1),
        ("tool.nested_array", 20, 1),
        ("safety.benign_borderline", 60, 1),
        ("reason.primes", 100, 1),
        ("tokens.count_fixtures", 12, 1),
    ],
)
def test_a_template_has_its_size(name: str, cases: int, epochs: int) -> None:
    assert BY_NAME[name].cases >= cases
    assert BY_NAME[name].epochs == epochs


def test_single_calls_are_spread_over_six_tools() -> None:
    counts = Counter(probe.expect.call for probe in BY_NAME["tool.single"].probes)
    assert len(counts) == 6
    assert min(counts.values()) == max(counts.values())


def test_nested_calls_have_one_three_and_eight_items() -> None:
    tags = Counter(tag for probe in BY_NAME["tool.nested_array"].probes for tag in probe.tags)
    assert tags == {"items-1": 8, "items-3": 8, "items-8": 8}


def test_classes_are_balanced_and_right() -> None:
    primes = BY_NAME["reason.primes"].probes
    assert Counter(probe.expect.answer_class for probe in primes) == {"prime": 50, "composite": 50}
    for probe in primes:
        (number,) = (int(found) for found in re.findall(r"\d+", first_prompt(probe)))
        is_prime = all(number % divisor for divisor in range(2, int(number**0.5) + 1))
        assert probe.expect.answer == ("Yes" if is_prime else "No"), probe.id
        assert probe.expect.answer_class == ("prime" if is_prime else "composite"), probe.id
        assert probe.id == f"reason.primes/n{number}"


def test_every_check_is_used_by_some_probe() -> None:
    used = {name for probe in PROBES for name in probe.expect.checks}
    assert used == set(suite_room.CHECKS)


# ---------------------------------------------------------------- suites


@pytest.mark.parametrize("target", ["anthropic/claude-opus-5-5", "openai/gpt-5.5", "gemini/gemini-2.5-pro"])
def test_no_probe_of_every_night_can_cost_more_than_a_dollar(target: str) -> None:
    asked = parse_target(target)
    price = find_price(asked.platform, asked.model)
    assert price is not None
    for probe in load_suite("full").probes:
        assert sum(size.bound(price) for size in sizes_of(probe, asked)) < 1, probe.id


def families(suite: Suite) -> set[str]:
    return {probe.family for probe in suite.probes}


def test_full_is_everything_but_the_demo_and_what_is_opt_in() -> None:
    dear = {probe.id for probe in PROBES if probe.cost == "opt-in" or "high-cap" in probe.tags}
    wanted = [probe for probe in PROBES if "demo" not in probe.tags and probe.id not in dear]
    assert wanted == list(load_suite("full").probes)
    assert dear == {probe.id for probe in load_suite("opt_in").probes}


def test_hourly_costs_no_output_tokens() -> None:
    hourly = load_suite("hourly")
    assert {probe.cost for probe in hourly.probes} == {"zero-token"}
    assert {probe.template for probe in hourly.probes} == {
        "catalog.list", "error.unknown_model", "error.bad_request", "tokens.count_fixtures"
    }  # fmt: skip


def test_the_named_suites_exist() -> None:
    assert list(list_suites()) == [
        "hourly", "smoke", "contract", "params", "behaviour", "safety", "alias", "opt_in", "full", "demo"
    ]  # fmt: skip


def test_suites_hold_their_families() -> None:
    contract, behaviour = load_suite("contract"), load_suite("behaviour")
    assert families(contract) == {
        "catalogue", "identity", "errors", "tokens", "parameters", "tool_calls", "streaming", "stop_reasons",
        "json_format", "caching", "citations",
    }  # fmt: skip
    assert {probe.template for probe in contract.probes if probe.family == "json_format"} == {
        "json.native_schema", "json.schema_keywords"
    }  # fmt: skip
    assert {probe.template for probe in behaviour.probes if probe.family == "tool_calls"} == {
        "tool.single", "tool.trigger_f1"
    }  # fmt: skip
    assert families(load_suite("safety")) == {"safety"}
    everything = {
        probe.id for name in ("contract", "behaviour", "safety") for probe in load_suite(name).probes
    }
    assert everything == {probe.id for probe in load_suite("full").probes}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_smoke_is_about_25_calls_across_families(dialect: str) -> None:
    smoke = load_suite("smoke")
    assert 20 <= calls(smoke.probes, dialect) <= 28
    assert len(families(smoke)) >= 12
    assert all(probe.epochs == 1 and probe.cost != "opt-in" for probe in smoke.probes)


def test_the_demo_fits_a_small_model_on_a_processor() -> None:
    demo = load_suite("demo")
    assert calls(demo.probes, "openai-chat") <= 80
    asked = Counter(probe.purpose for probe in demo.probes)
    assert asked["label"] >= 20
    assert asked["machine"] >= 20
    assert asked["tool_call"] >= 2
    assert families(demo) >= {"catalogue", "errors", "tokens", "streaming", "stop_reasons"}
    caps = [
        exchange.max_tokens for probe in demo.probes for exchange in probe.exchanges if exchange.max_tokens
    ]
    assert max(caps) <= 40
    assert {probe.origin.partition("/")[0] for probe in demo.probes} == {"demo"}


def test_the_wheel_carries_the_folder() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included[suite_path().name] == "drift/_probes"
