# The published schemas: strict, described, the same as the types of the code, and true of the examples.

import dataclasses
import json
import subprocess
import sys
from typing import get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator

from drift import documents, model
from drift.report import describe, kinds, schema, validate
from drift.report.schemas import DocumentError, validator
from drift.validation import Validator
from tests.report_support import NAMES, golden

COMPARISON = schema("comparison")["$defs"]
COMMON = schema("comparison")["$defs"]["common"]["$defs"]


def objects(value, path="#"):
    """Yield every schema of an object inside a schema, with its place; embedded schemas are looked at on their own."""
    if isinstance(value, dict):
        if "properties" in value and value.get("type") in ("object", ["object", "null"]):
            yield path, value
        for key, child in value.items():
            if not (isinstance(child, dict) and "$id" in child):
                yield from objects(child, f"{path}/{key}")
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from objects(child, f"{path}/{index}")


def places(value, path=()):
    """Yield the path of every value inside a JSON value, itself included."""
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from places(child, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


@pytest.mark.parametrize("name", NAMES)
def test_every_example_keeps_to_its_schema(name):
    validate(golden(name))


def test_every_kind_has_an_example():
    assert {golden(name)["kind"] for name in NAMES} == set(kinds())


@pytest.mark.parametrize("kind", kinds())
def test_a_schema_is_a_schema_and_every_reference_leads_somewhere(kind):
    root = schema(kind)
    Draft202012Validator.check_schema(root)
    embedded = {part["$id"]: part for part in root["$defs"].values() if "$id" in part}
    for part in (root, *embedded.values()):
        for reference in references(
            {key: value for key, value in part.items() if key != "$defs" or part is not root}
        ):
            file, _, pointer = reference.partition("#")
            owner = embedded[file] if file else part
            assert at(owner, [step for step in pointer.split("/") if step]), reference


@pytest.mark.parametrize("kind", kinds())
def test_a_schema_is_strict_and_describes_every_field(kind):
    found = list(
        objects(
            {key: value for key, value in schema(kind).items() if key not in {"if", "then", "else", "allOf"}}
        )
    )
    assert found
    for path, part in found:
        if "/allOf/" in path or "/if/" in path or "/then/" in path:
            continue
        assert part["additionalProperties"] is False, path
        assert part["required"] == list(part["properties"]), path
        assert part["description"], path
        for name, field in part["properties"].items():
            assert field.get("description", "").endswith((".", "...")), f"{path}/{name}"


FREE = {
    "before",
    "after",
    "params",
    "meta",
    "input_schema",
    "schema",
    "histogram",
    "overrides",
    "bodies",
    "headers",
}
FREE |= {"arguments", "sent", "checks", "pinned", "output_schema", "settings"}
# Of surfaces: objects whose keys are names on the wire.
FREE |= {"api_versions", "statuses", "aliases", "models", "endpoints", "events", "definitions", "unresolved"}
FRACTIONS = {
    "mean",
    "median",
    "ratio",
    "effect",
    "p",
    "q",
    "interval",
    "values",
    "cost_usd",
    "false_discovery_rate",
    "detectable_effect",
    "seconds",
    "timeout_s",
    "value",
    "level",
    "threshold",
    "newest",
}


def broken(value, key):
    """Yield values that may not stand where this one stands."""
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        yield from ({name: value[name] for name in value if name != missing} for missing in value)
    if key not in FRACTIONS:
        yield 3.5
    yield "" if isinstance(value, int | float) else {}


def pruned(value):
    """Keep one entry of every list of alike entries: one place of each shape is enough."""
    if isinstance(value, dict):
        return {key: pruned(child) for key, child in value.items()}
    if not isinstance(value, list):
        return value
    alike = (
        len(value) > 1
        and {type(child) for child in value} == {type(value[0])}
        and not isinstance(value[0], float)
    )
    return [pruned(child) for child in (value[:1] if alike else value)]


def test_no_field_may_be_missing_added_or_of_another_type():
    seen = set()
    tried = 0
    for name in NAMES:
        document = pruned(golden(name))
        schema_of_kind = validator(document["kind"])
        assert schema_of_kind.allows(document)
        for path in places(document):
            general = (document["kind"], *("*" if isinstance(key, int) else key for key in path))
            value = at(document, path)
            # Parts of other documents are tested in those documents.
            if (general, type(value)) in seen or {*FREE, "control", "comparisons", "dry_runs"} & set(
                general[1:]
            ):
                continue
            seen.add((general, type(value)))
            field = next((key for key in reversed(path) if isinstance(key, str)), "")
            for wrong in broken(value, field):
                if not path:
                    assert not schema_of_kind.allows(wrong), (general, wrong)
                    continue
                parent = at(document, path[:-1])
                parent[path[-1]] = wrong
                assert not schema_of_kind.allows(document), (general, wrong)
                parent[path[-1]] = value
                tried += 1
    assert tried > 500


def change(name, path, value):
    document = golden(name)
    at(document, path[:-1])[path[-1]] = value
    return document


FINDING = ("findings", 0)


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        # values
        ("fence", ("schema_version",), 2),
        ("fence", ("kind",), "comparisons"),
        ("fence", ("created_at",), "2026-11-23T06:15:00"),
        ("fence", ("id",), "3f9c1a7be04"),
        ("fence", ("drift_version",), "one"),
        ("fence", ("axes",), ["weather"]),
        ("fence", ("axes",), ["model", "model"]),
        ("fence", ("profile",), "reader"),
        ("fence", ("verdict",), "red"),
        ("fence", ("gate", "fail_on"), "always"),
        ("fence", ("gate", "exit_code"), 2),
        ("fence", ("false_discovery_rate",), 1.5),
        ("fence", ("tests_run",), -1),
        ("fence", ("baseline", "kind"), "file"),
        ("fence", ("baseline", "id"), "short"),
        ("fence", ("baseline", "requested_model"), ""),
        ("fence", ("baseline", "suite_hash"), "abc"),
        ("fence", ("baseline", "samples"), -1),
        ("none", ("families", 0, "detectable_effect"), 12),
        ("none", ("measures", 0, "finding"), "Not A Rule"),
        ("fence", (*FINDING, "fingerprint"), "27420d6eac6"),
        ("fence", (*FINDING, "fingerprint"), "27420D6EAC60"),
        ("fence", (*FINDING, "rule"), "Text_Fence"),
        ("fence", (*FINDING, "area"), "somewhere"),
        ("fence", (*FINDING, "direction"), "up"),
        ("fence", (*FINDING, "axis"), "weather"),
        ("fence", (*FINDING, "level"), "error"),
        ("fence", (*FINDING, "evidence_class"), "hunch"),
        ("fence", (*FINDING, "tags"), ["nice"]),
        ("fence", (*FINDING, "space"), "outer"),
        ("fence", (*FINDING, "path"), "content[0].text"),
        ("fence", (*FINDING, "path"), "/a~2b"),
        ("fence", (*FINDING, "state"), "old"),
        ("fence", (*FINDING, "explanation"), ""),
        ("fence", (*FINDING, "matches_event"), "2023"),
        ("fence", (*FINDING, "evidence", "p"), 1.2),
        ("fence", (*FINDING, "evidence", "interval"), [0.1]),
        ("fence", (*FINDING, "evidence", "unit"), "Points!"),
        ("token-offset", (*FINDING, "evidence", "histogram"), {"12": 0}),
        ("fence", (*FINDING, "witnesses", 0, "epoch"), 0),
        ("fence", (*FINDING, "witnesses", 0, "baseline", "outcome"), "ok"),
        ("fence", (*FINDING, "witnesses", 0, "baseline", "status"), 42),
        ("rejected-parameter", ("findings", 1, "acknowledged", "until"), "soon"),
        ("rejected-parameter", ("findings", 1, "acknowledged", "owner"), ""),
        ("can-i-move", ("answers", 0, "answer"), "maybe"),
        ("can-i-move", ("answers", 0, "missing", 0, "epochs"), 0),
        ("can-i-move", ("answers", 0, "missing", 0, "cost_usd"), -1),
        ("can-i-move", ("answers",), []),
        ("runs", ("runs", 0, "id"), "no id!"),
        ("runs", ("runs", 0, "status"), "done"),
        ("runs", ("runs", 0, "seal"), "abc"),
        ("history", ("rates", 0, "values", 0), 12),
        ("rules", ("rules", 0, "evidence"), []),
        ("probes", ("probes", 0, "purpose"), "fun"),
        ("probes", ("probes", 0, "store"), "all"),
        ("baselines", ("baselines", 0, "reason"), ""),
        ("acknowledgements", ("acknowledgements", 0, "fingerprint"), "xyz"),
        ("demo", ("seconds",), -1),
        ("demo", ("control", "verdict"), "red"),
    ],
)
def test_a_wrong_value_is_refused_and_its_place_is_named(name, path, value):
    document = change(name, path, value)
    with pytest.raises(DocumentError) as caught:
        validate(document)
    assert str(document["kind"]) in str(caught.value)
    if path != ("kind",):
        assert caught.value.path.startswith("".join(f"/{step}" for step in path))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("fence", (*FINDING, "evidence", "p"), None),
        ("fence", (*FINDING, "evidence", "q"), None),
        ("fence", (*FINDING, "evidence", "test"), None),
        ("fence", (*FINDING, "evidence", "effect"), None),
        ("rejected-parameter", ("findings", 2, "witnesses"), []),
        ("fence", ("comparable", 2, "reason"), None),
        ("fence", ("verdict",), "breaking"),
        ("fence", ("verdict",), "info"),
        (
            "rejected-parameter",
            (*FINDING, "acknowledged"),
            {"reason": "r", "owner": "o", "until": "2027-01-01"},
        ),
        ("rejected-parameter", (*FINDING, "state"), "absent"),
        ("rejected-parameter", ("gate", "exit_code"), 0),
        ("none", ("families",), []),
        ("inconclusive", ("gate", "exit_code"), 0),
        ("can-i-move", ("answers", 0, "answer"), "yes"),
        ("can-i-move", ("answers", 0, "answer"), "unknown"),
        ("can-i-move", ("answers", 1, "answer"), "no"),
        ("can-i-move", ("answers", 2, "answer"), "unknown"),
        ("can-i-move", ("answers", 0, "clauses", 0, "findings"), []),
        ("can-i-move", ("answers", 1, "clauses", 0, "needs"), []),
        ("explain", ("comparison",), None),
        ("verify", ("exit_code",), 0),
    ],
)
def test_what_contradicts_another_field_is_refused(name, path, value):
    with pytest.raises(DocumentError):
        validate(change(name, path, value))


def test_a_witness_without_both_sides_is_refused():
    document = golden("fence")
    document["findings"][0]["witnesses"][0].update(baseline=None, candidate=None)
    with pytest.raises(DocumentError):
        validate(document)


def test_inconclusive_without_any_reason_is_refused():
    document = golden("inconclusive")
    document.update(notices=[], unmeasured=[], comparable=[])
    with pytest.raises(DocumentError):
        validate(document)


def test_a_gate_that_never_fails_may_pass_a_breaking_finding():
    document = golden("rejected-parameter")
    document["gate"] = {"fail_on": "never", "exit_code": 0}
    validate(document)


@pytest.mark.parametrize("document", [{}, {"kind": "nonsense"}, {"kind": None}, {"kind": "common"}])
def test_an_unknown_kind_is_refused_with_the_known_ones(document):
    with pytest.raises(DocumentError, match="can-i-move"):
        validate(document)


def test_what_is_no_json_is_refused():
    with pytest.raises(DocumentError, match="no JSON"):
        validate(change("demo", ("seconds",), float("nan")))


def test_hostile_values_do_not_reach_the_message():
    document = change("fence", ("verdict",), "\x1b[31m\u202e::error::")
    with pytest.raises(DocumentError) as caught:
        validate(document)
    assert str(caught.value).isprintable()


def test_tuples_count_as_lists_because_they_are_written_as_lists():
    document = golden("rules")
    document["rules"] = tuple({**rule, "evidence": tuple(rule["evidence"])} for rule in document["rules"])
    validate(document)


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        (schema("comparison"), documents.ComparisonDocument),
        (COMPARISON["side"], documents.SideDocument),
        (COMPARISON["count"], documents.CountDocument),
        (COMPARISON["evidence"], documents.EvidenceDocument),
        (COMPARISON["witness_side"], documents.WitnessSideDocument),
        (COMPARISON["witness"], documents.WitnessDocument),
        (COMPARISON["acknowledged"], documents.AcknowledgedDocument),
        (COMPARISON["finding"], documents.FindingDocument),
        (COMPARISON["channel"], documents.ChannelDocument),
        (COMPARISON["unmeasured"], documents.UnmeasuredDocument),
        (COMPARISON["not_cleared"], documents.NotClearedDocument),
        (COMPARISON["family"], documents.FamilyDocument),
        (COMPARISON["measure"], documents.MeasureDocument),
        (COMPARISON["gate"], documents.GateDocument),
    ],
)
def test_schema_and_type_have_the_same_fields(part, typed):
    assert list(part["properties"]) == list(get_type_hints(typed))


def test_schema_and_values_have_the_same_fields():
    from drift.baselines import Acknowledgement, Baseline
    from drift.rules.record import LevelWhen, Rule

    probes = schema("probes")["$defs"]
    rules = schema("rules")["$defs"]
    for part, value in (
        (schema("runs")["$defs"]["run"], model.Run),
        (probes["exchange"], model.Exchange),
        (probes["message"], model.Message),
        (probes["tool"], model.Tool),
        (probes["expect"], model.Expect),
        (COMPARISON["event"], model.Event),
        (rules["rule"], Rule),
        (rules["rule"]["properties"]["level_when"]["items"], LevelWhen),
        (schema("baselines")["$defs"]["baseline"], Baseline),
        (schema("acknowledgements")["$defs"]["acknowledgement"], Acknowledgement),
    ):
        assert set(part["properties"]) == {field.name for field in dataclasses.fields(value)}, value
    assert set(probes["probe"]["properties"]) == {
        "hash",
        *(field.name for field in dataclasses.fields(model.Probe)),
    }


def test_schema_and_types_have_the_same_choices():
    from drift.compare import FailOn
    from drift.rules.record import Area, Direction, Kind

    rule = schema("rules")["$defs"]["rule"]["properties"]
    for choices, typed in (
        (COMMON["level"], model.Level),
        (COMMON["evidence_class"], model.EvidenceClass),
        (COMMON["purpose"], model.Purpose),
        (COMMON["verdict"], documents.Verdict),
        (COMMON["fail_on"], FailOn),
        (COMMON["direction"], Direction),
        (COMPARISON["witness_side"]["properties"]["outcome"], model.Outcome),
        (schema("runs")["$defs"]["run"]["properties"]["status"], model.RunStatus),
        (COMMON["profile"], model.Profile),
        (rule["kind"], Kind),
        (COMMON["area"], Area),
    ):
        assert set(choices["enum"]) == set(get_args(typed)), typed


def test_every_rule_of_the_table_keeps_to_the_schema():
    from drift.rules import RULES

    validate({**golden("rules"), "rules": [dataclasses.asdict(rule) for rule in RULES]})


def test_nothing_is_fetched_from_elsewhere():
    unknown = Validator({"$ref": "http://127.0.0.1:0/schema.json"}, {"verify.schema.json": schema("verify")})
    with pytest.raises(Exception, match="Unresolvable"):
        unknown.allows({})


def test_the_door_is_light():
    heavy = "['jsonschema', 'referencing', 'difflib', 'drift.report.text', 'drift.report.schemas']"
    code = f"import sys, drift.report; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", kinds())
def test_the_description_names_every_field_with_its_meaning(kind):
    text = describe(kind)
    root = schema(kind)
    for part in (
        root,
        *(part for part in root["$defs"].values() if "$id" not in part and "properties" in part),
    ):
        for name, field in part["properties"].items():
            assert f"`{name}` | " in text
            assert field["description"] in text
    assert "\n\n\n" not in text


def test_a_schema_stands_alone():
    root = json.loads(json.dumps(schema("can-i-move")))
    Draft202012Validator(root).validate(golden("can-i-move"))
