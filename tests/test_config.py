# drift.yaml is read strictly: every mistake names file, line and key, and nothing is guessed.

from pathlib import Path
from typing import get_args

import pytest

from drift import compare
from drift.config import Config, FailOn, find_config, parse_target, read_config
from drift.errors import ConfigError, UsageError
from drift.model import Target
from drift.yamlfile import put_entry, read_yaml

FULL = """\
targets:
  - anthropic/claude-a
  - spec: compatible/meta/llama:8b
    base_url: http://127.0.0.1:8080/v1
    api_version: "2"
    params: {temperature: 0}
  - {spec: openai/m, dialect: openai-responses}
  - {spec: bedrock/m, region: eu-north-1}
suite: contract
suite_hash: 0123abcd
own_probes: probes/own
epochs: 3
concurrency: 2
max_cost: 1.5
fail_on: warning
profile: strict-reader
fdr: 0.1
levels: {text-markdown-fence-added: warning}
min_effects: {text-markdown-fence-added: 0.2}
database: state/drift.db
baselines: accepted
acknowledged: seen.yaml
lifecycle: dates.csv
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "drift.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_is_read_and_paths_are_relative_to_the_file(tmp_path):
    config = read_config(write(tmp_path, FULL))
    assert config == Config(
        path=tmp_path / "drift.yaml",
        targets=(
            Target("anthropic", "claude-a"),
            Target("compatible", "meta/llama:8b", "http://127.0.0.1:8080/v1", "2", {"temperature": 0}),
            Target("openai", "m", dialect="openai-responses"),
            Target("bedrock", "m", region="eu-north-1"),
        ),
        suite="contract",
        suite_hash="0123abcd",
        own_probes=tmp_path / "probes/own",
        epochs=3,
        concurrency=2,
        max_cost=1.5,
        fail_on="warning",
        profile="strict-reader",
        fdr=0.1,
        levels={"text-markdown-fence-added": "warning"},
        min_effects={"text-markdown-fence-added": 0.2},
        database=tmp_path / "state/drift.db",
        baselines=tmp_path / "accepted",
        acknowledged=tmp_path / "seen.yaml",
        lifecycle=tmp_path / "dates.csv",
    )


def test_every_field_of_the_settings_is_a_key_of_the_file(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, "zzz: 1"))
    known = caught.value.todo.removeprefix("known: ").split(", ")
    assert set(known) == set(Config.__dataclass_fields__) - {"path", "prices"}


def test_a_target_may_state_its_price(tmp_path):
    found = read_config(
        write(
            tmp_path,
            "targets:\n- anthropic/a\n- {spec: compatible/b, price: {input: 0.2, output: 1}}\n"
            "- {spec: compatible/c, price: {input: 0, output: 0}}\n",
        )
    )
    assert found.prices == {"compatible/b": (0.2, 1), "compatible/c": (0, 0)}


@pytest.mark.parametrize(
    "price", ["{input: 1}", "{input: -1, output: 1}", "{in: 1, output: 1}", "3", "{input: a, output: 1}"]
)
def test_half_a_price_is_refused_at_its_line(tmp_path, price):
    path = write(tmp_path, f"targets:\n- anthropic/a\n- spec: compatible/b\n  price: {price}\n")
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.where == f"{path}:4"


def test_without_a_file_the_defaults_stand(tmp_path):
    assert find_config(tmp_path) is None
    assert read_config(None) == Config()


def test_an_empty_file_changes_nothing_but_the_folder(tmp_path):
    config = read_config(write(tmp_path, "# nothing yet\n"))
    assert config.database == tmp_path / "snapshots/drift.db"
    assert config.fail_on == Config().fail_on


def test_a_flag_that_was_not_given_leaves_the_value_of_the_file(tmp_path):
    config = read_config(write(tmp_path, "epochs: 3\nfail_on: info\n"))
    assert config.override(epochs=None, fail_on="never").epochs == 3
    assert config.override(epochs=None, fail_on="never").fail_on == "never"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("suite: smoke\nepoch: 3\n", 2, "unknown key 'epoch'; did you mean 'epochs'?"),
        ("nonsense: 1", 1, "unknown key 'nonsense'; known: targets"),
        ("- a\n- b\n", 1, "expected a mapping, found a list"),
        ("epochs: many", 1, "epochs: expected a whole number, found text"),
        ("epochs: true", 1, "epochs: expected a whole number, found true or false"),
        ("\nepochs: 0", 2, "epochs: expected 1 or more, found 0"),
        ("epochs: 1.5", 1, "epochs: expected a whole number, found a number"),
        ("max_cost: 0", 1, "max_cost: expected more than 0, found 0"),
        ("max_cost: .inf", 1, "max_cost: expected more than 0"),
        ("fdr: 1", 1, "fdr: expected more than 0 and less than 1, found 1"),
        ("fdr: .nan", 1, "fdr: expected more than 0"),
        ("fail_on: braking", 1, "fail_on: no such value 'braking'; did you mean 'breaking'?"),
        ("fail_on: null", 1, "fail_on: expected one of never, info, warning, breaking, found nothing"),
        ("suite: ' '", 1, "suite: expected some text"),
        ("suite_hash: xyz", 1, "suite_hash: expected 8 to 64 hexadecimal digits"),
        ("database: []", 1, "database: expected a path, found a list"),
        ("levels:\n  no-such-rule: info\n", 2, "unknown key 'no-such-rule'"),
        (
            "levels:\n  text-markdown-fence-added: grave\n",
            2,
            "text-markdown-fence-added: no such value 'grave'",
        ),
        ("min_effects:\n  text-markdown-fence-added: -1\n", 2, "expected more than 0, found -1"),
        ("targets: anthropic/x", 1, "targets: expected a list, found text"),
        ("targets:\n  - a/b\n  - base_url: http://x\n", 3, "a target has no spec"),
        ("targets:\n  - a/b\n  - a/b\n", 3, "the target a/b stands twice"),
        ("targets:\n  - justaname\n", 2, "'justaname' names no target"),
        ("targets:\n  - spec: a/b\n    base_uri: http://x\n", 3, "did you mean 'base_url'?"),
        ("targets:\n  - spec: a/b\n    params: 3\n", 3, "params: expected a mapping, found a whole number"),
        ("targets:\n  - spec: a/b\n    base_url: ftp://x\n", 3, "base_url is no http or https address"),
        ("targets:\n  - spec: a/b\n    base_url: http://u:p@x\n", 3, "holds a user name or a password"),
        ("targets:\n  - spec: a/b\n    base_url: http://x/?key=1\n", 3, "holds a query"),
        ("a: 1\na: 2\n", 2, 'found duplicate key "a"'),
        ("a: [1\n", 2, "not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("suite: !!python/name:os.system x\n", 1, "a tag"),
        ("1: 2\n", 1, "the key 1 is not text"),
    ],
)
def test_a_mistake_names_its_line_and_what_to_do(tmp_path, text, line, words):
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, text))
    assert caught.value.where == f"{tmp_path / 'drift.yaml'}:{line}"
    assert words in str(caught.value)
    assert caught.value.todo
    assert caught.value.exit_code == 2


def test_a_key_in_an_address_is_not_repeated(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read_config(write(tmp_path, "targets:\n  - spec: a/b\n    base_url: http://me:sk-secret@x\n"))
    assert "sk-secret" not in str(caught.value)
    with pytest.raises(UsageError) as refused:
        Config().target("a/b", base_url="https://x/?key=sk-secret")
    assert "sk-secret" not in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: \x07"])
def test_what_is_not_text_is_an_error_of_the_file(tmp_path, content):
    (tmp_path / "drift.yaml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"drift\.yaml"):
        read_config(tmp_path / "drift.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "elsewhere.yaml")


def test_a_file_that_holds_itself_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_yaml(write(tmp_path, "&a [*a, *a]"))


def test_aliases_cannot_multiply_without_end(tmp_path):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="too many values"):
        read_yaml(write(tmp_path, "\n".join(lines)))


def test_an_entry_takes_the_place_of_its_older_self_and_comments_stay(tmp_path):
    path = tmp_path / "list.yaml"
    put_entry(path, {"id": "a", "note": "1e5"}, keys=("id",), header="What this is.")
    path.write_text(path.read_text() + "# about b\n- id: b\n  note: two\n", encoding="utf-8")
    put_entry(path, {"id": "a", "note": "new"}, keys=("id",), header="never again")
    text = path.read_text()
    assert text.startswith("# What this is.\n")
    assert "# about b" in text
    assert "never again" not in text
    assert read_yaml(path).data == [{"id": "a", "note": "new"}, {"id": "b", "note": "two"}]
    assert [child.name for child in tmp_path.iterdir()] == ["list.yaml"]


def test_text_that_looks_like_a_number_comes_back_as_text(tmp_path):
    path = tmp_path / "list.yaml"
    put_entry(
        path, {"fingerprint": "123456789012", "other": "1234e5678901"}, keys=("fingerprint",), header="x"
    )
    assert read_yaml(path).data == [{"fingerprint": "123456789012", "other": "1234e5678901"}]


@pytest.mark.parametrize(
    ("spec", "platform", "model"),
    [
        ("anthropic/claude-x", "anthropic", "claude-x"),
        ("Anthropic/Claude-X", "anthropic", "Claude-X"),
        ("compatible/org/model:7b@rev", "compatible", "org/model:7b@rev"),
        ("openai:gpt-x", "openai", "gpt-x"),
        ("local/ünïcode model", "local", "ünïcode model"),
    ],
)
def test_a_target_is_platform_and_model(spec, platform, model):
    assert parse_target(spec) == Target(platform, model)


@pytest.mark.parametrize("spec", ["", "model", "/model", "platform/", "pl at/model", "a/ "])
def test_what_is_no_target_is_refused(spec):
    with pytest.raises(UsageError, match="names no target"):
        parse_target(spec)


def test_a_named_target_has_the_settings_of_the_file_and_flags_win(tmp_path):
    config = read_config(write(tmp_path, FULL))
    assert config.target("compatible:meta/llama:8b").params == {"temperature": 0}
    assert config.target("compatible/meta/llama:8b", base_url="http://[::1]:9/").base_url == "http://[::1]:9/"
    assert config.target("openai/other") == Target("openai", "other")


def test_the_words_of_the_settings_are_those_of_a_comparison():
    assert get_args(FailOn) == get_args(compare.FailOn)
