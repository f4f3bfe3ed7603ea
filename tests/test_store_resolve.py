# How a person names a run.


import pytest

from drift.errors import UsageError
from drift.importers import import_files
from drift.store import Store
from drift.store.naming import MAX_CANDIDATES
from tests.store_support import line, make_probe, make_run, store_run, write_lines

pytest_plugins = ["tests.store_fixtures"]


@pytest.fixture
def bring(store, tmp_path):
    """Import one run of one sample and return its id."""

    def bring(dataset: str, target: str, label: str | None, text: str = "x") -> str:
        path = write_lines(
            tmp_path / "x.jsonl",
            [line(dataset=dataset, target=target, version_label=label, output_text=text)],
        )
        return import_files(store, [path])[0].run

    return bring


def live(
    store: Store, run_id: str, target: str = "anthropic/m", label: str | None = None, day: int = 1
) -> str:
    created_at = f"2026-11-{day:02}T02:00:00+00:00"
    return store_run(store, make_run(run_id, target=target, label=label, created_at=created_at)).id


def candidates(store: Store, name: str) -> list[str]:
    with pytest.raises(UsageError, match="different runs") as caught:
        store.resolve(name)
    return caught.value.todo.removeprefix("say which: ").split(", ")


def test_an_id_and_its_beginning_name_a_run_of_any_status(store):
    live(store, "abc0000000001")
    store.begin_run(make_run("abd0000000001"), [make_probe()], {})
    assert store.resolve("abc0000000001").id == "abc0000000001"
    assert store.resolve("abc").id == "abc0000000001"
    assert store.resolve("abd").status == "running"


def test_a_beginning_of_several_ids_lists_them(store):
    live(store, "abc0000000001")
    live(store, "abd0000000001")
    with pytest.raises(
        UsageError, match=r"'ab' begins more than one id; say which: abc0000000001, abd0000000001"
    ):
        store.resolve("ab")


def test_an_id_that_begins_another_names_itself(store):
    live(store, "abc0000000001")
    live(store, "abc00000000012")
    assert store.resolve("abc0000000001").id == "abc0000000001"


def test_a_live_target_means_its_newest_complete_run_under_any_label(store):
    live(store, "new0000000001", label="b", day=3)
    live(store, "old0000000001", label="a", day=1)
    live(store, "mid0000000001", label="a", day=2)
    store.begin_run(
        make_run("run0000000001", target="anthropic/m", created_at="2026-11-09T00:00:00Z"), [], {}
    )
    assert store.resolve("anthropic/m").id == "new0000000001"
    assert store.resolve("anthropic/m@a").id == "mid0000000001"
    assert store.resolve("anthropic/m@b").id == "new0000000001"


def test_an_import_is_named_with_and_without_dataset_and_label(store, bring):
    run = bring("set", "vendor/m", "v1")
    for name in ("set:vendor/m@v1", "vendor/m@v1", "set:vendor/m", "vendor/m", run, run[:5]):
        assert store.resolve(name).id == run


def test_an_import_without_a_label_has_two_names(store, bring):
    run = bring("set", "vendor/m", None)
    assert store.resolve("set:vendor/m").id == run
    assert store.resolve("vendor/m").id == run
    with pytest.raises(UsageError, match="there is no run"):
        store.resolve("vendor/m@None")


def test_the_labels_of_an_import_are_versions_and_have_to_be_named(store, bring):
    first, second = bring("set", "vendor/m", "v1"), bring("set", "vendor/m", "v2")
    assert store.resolve("vendor/m@v1").id == first
    assert store.resolve("vendor/m@v2").id == second
    assert candidates(store, "vendor/m") == ["set:vendor/m@v2", "set:vendor/m@v1"]
    assert candidates(store, "set:vendor/m") == ["set:vendor/m@v2", "set:vendor/m@v1"]


def test_one_target_in_two_datasets_has_to_be_named_with_one(store, bring):
    first, second = bring("one", "vendor/m", "v1"), bring("two", "vendor/m", "v1")
    assert candidates(store, "vendor/m") == ["two:vendor/m@v1", "one:vendor/m@v1"]
    assert candidates(store, "vendor/m@v1") == ["two:vendor/m@v1", "one:vendor/m@v1"]
    assert store.resolve("one:vendor/m").id == first
    assert store.resolve("two:vendor/m@v1").id == second


def test_the_same_import_with_other_content_gives_its_name_to_the_newer_one(store, bring):
    bring("set", "vendor/m", "v1", text="before")
    newer = bring("set", "vendor/m", "v1", text="after")
    assert store.resolve("vendor/m").id == newer
    assert store.resolve("set:vendor/m@v1").id == newer


def test_a_labelled_and_an_unlabelled_import_are_ambiguous_and_the_bare_one_goes_by_id(store, bring):
    bare, labelled = bring("set", "vendor/m", None), bring("set", "vendor/m", "v1")
    assert candidates(store, "set:vendor/m") == ["set:vendor/m@v1", bare]
    assert store.resolve("vendor/m@v1").id == labelled
    assert store.resolve(bare).id == bare


def test_a_live_run_and_an_import_of_one_target_are_ambiguous(store, bring):
    imported = bring("set", "anthropic/m", "v1")
    run = live(store, "abc0000000001")
    assert candidates(store, "anthropic/m") == [run, "set:anthropic/m@v1"]
    assert store.resolve("set:anthropic/m").id == imported


@pytest.mark.parametrize(
    ("dataset", "target", "label"),
    [
        ("set", "a@b/c:d", "x@y:z/w"),
        ("se:t", "m", "@"),
        ("s@t", "@m", ""),
        ("s", ":", ":"),
        ("set", "-dash", "--option"),
        ("set", "per cent %_", "50% _"),
        ("datensätze", "模型/é", "версия 1"),
        ("set", "x" * 2000, "y" * 2000),
    ],
)
def test_targets_and_labels_may_hold_any_character(store, bring, dataset, target, label):
    bring("other", "other/model", "other")
    run = bring(dataset, target, label)
    for name in (f"{dataset}:{target}@{label}", f"{target}@{label}", f"{dataset}:{target}", target):
        assert store.resolve(name).id == run, name


def test_two_readings_of_one_text_are_ambiguous_and_never_guessed(store, bring):
    bring("set", "m@v1", "x")
    bring("set", "m", "v1")
    assert candidates(store, "m@v1") == ["set:m", "set:m@v1@x"]


def test_a_dataset_with_a_colon_and_a_target_with_a_colon_are_not_confused(store, bring):
    first, second = bring("a", "b:c", "1"), bring("a:b", "c", "2")
    assert len(candidates(store, "a:b:c")) == 2
    assert store.resolve("a:b:c@1").id == first
    assert store.resolve("a:b:c@2").id == second
    assert store.resolve("b:c").id == first
    assert store.resolve("c").id == second


def test_every_listed_candidate_names_exactly_one_run(store, bring):
    for dataset, target, label in (
        ("set", "m", "v1"),
        ("set", "m", None),
        ("set", "m@v1", None),
        ("set:m", "v", "1"),
        ("two", "m", "v1"),
        ("set", "m@v1", "v1"),
    ):
        bring(dataset, target, label)
    live(store, "abc0000000001", target="m", label="v1")
    listed = candidates(store, "m") + candidates(store, "m@v1")
    resolved = {name: store.resolve(name).id for name in listed}
    assert len(set(resolved.values())) == len(set(listed))


def test_a_name_wins_over_the_beginning_of_an_id(store):
    live(store, "abc0000000001", target="x/y")
    named = live(store, "zzz0000000001", target="abc")
    assert store.resolve("abc").id == named


def test_a_long_list_of_candidates_is_cut_and_counted(store, tmp_path):
    many = [line(version_label=f"v{number:02}") for number in range(MAX_CANDIDATES + 5)]
    import_files(store, [write_lines(tmp_path / "x.jsonl", many)])
    listed = candidates(store, "vendor/model-1")
    assert len(listed) == MAX_CANDIDATES
    assert listed[-1].endswith(" and 5 more")


def test_an_unknown_name_suggests_near_ones(store, bring):
    bring("set", "vendor/model-2026", "v1")
    with pytest.raises(
        UsageError, match=r"there is no run 'vendor/model-2025'; did you mean .*vendor/model-2026"
    ):
        store.resolve("vendor/model-2025")


@pytest.mark.parametrize("name", ["", "zzz", "@", ":", "set:"])
def test_nothing_like_it_says_where_the_runs_are_listed(store, bring, name):
    bring("collection", "vendor/model-2026", "v1")
    with pytest.raises(UsageError, match="there is no run"):
        store.resolve(name)


def test_an_empty_database_has_no_run_of_any_name(store):
    with pytest.raises(UsageError, match="list the runs with `drift history`"):
        store.resolve("anthropic/m")


def test_a_target_with_only_unfinished_runs_names_the_newest_of_them(store):
    store.begin_run(make_run("abc0000000001", target="x/y", label="l"), [make_probe()], {})
    store.begin_run(make_run("abd0000000001", target="x/y", created_at="2026-11-09T00:00:00Z"), [], {})
    with pytest.raises(UsageError, match=r"'x/y' has no complete run; its newest is abd0000000001, running"):
        store.resolve("x/y")
    with pytest.raises(
        UsageError, match=r"'x/y@l' has no complete run; its newest is abc0000000001, running"
    ):
        store.resolve("x/y@l")
