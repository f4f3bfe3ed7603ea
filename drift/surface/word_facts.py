# Facts on what a release says beside its endpoints: errors, the client's defaults, requirements, ids and beta values.
# Owns: the comparison of lists and defaults. Refuses to know: endpoints, types.
"""From the words and defaults of two releases to facts."""

from __future__ import annotations

from collections.abc import Mapping

from drift.surface import packaging
from drift.surface.document import ModelFacts, Surface, listed_for
from drift.surface.folding import Fact, Facts


def compare_errors(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    """Compare how the API says no, and what the SDK makes of it."""
    old, new = baseline["errors"], candidate["errors"]
    told = _tags(baseline), _tags(candidate)
    for word, before, after in (
        ("code", set(old["codes"]), set(new["codes"])),
        ("type", set(old["types"]), set(new["types"])),
    ):
        # What the other side says elsewhere was sorted into another union of errors, and is no news.
        gone, come = before - after - told[1], after - before - told[0]
        facts.add_values("error-code-added", "error-code-removed", "errors", word, gone, come)
    facts.add_values(
        "sdk-exception-added",
        "sdk-exception-removed",
        "errors",
        "exceptions",
        {*old["classes"], *old["aliases"]},
        {*new["classes"], *new["aliases"]},
    )
    for status in sorted(old["statuses"].keys() & new["statuses"].keys()):
        was, now = old["statuses"][status], new["statuses"][status]
        if new["aliases"].get(was, was) != now:
            facts.add(
                [status],
                Fact("sdk-exception-for-status-changed", "errors", status, was, now),
            )


def _tags(surface: Surface) -> set[str]:
    """Return every word that tells objects of a surface apart."""
    return {
        value
        for definition in surface["definitions"].values()
        if definition["kind"] == "object"
        for name in ("type", "code", "error_code")
        if name in definition["fields"]
        for value in definition["fields"][name]["type"].get("enum", ())
        if isinstance(value, str)
    }


# ---------------------------------------------------------------- client and package


def compare_client(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    """Compare what the client does unasked."""
    old, new = baseline["client"], candidate["client"]
    if old["base_url"] != new["base_url"] and old["base_url"] and new["base_url"]:
        facts.add(
            [], Fact("default-base-path-changed", "client", "base URL", old["base_url"], new["base_url"])
        )
    for name in sorted(old["api_versions"].keys() | new["api_versions"].keys()):
        before, after = old["api_versions"].get(name), new["api_versions"].get(name)
        if before != after:
            facts.add([name], Fact("default-api-version-changed", "client", name, before, after))
    if old["auth"] != new["auth"] and old["auth"] and new["auth"]:
        facts.add([], Fact("auth-scheme-changed", "client", "authentication", old["auth"], new["auth"]))
    versions = old["api_versions"].keys() | new["api_versions"].keys()
    for name in sorted((old["headers"].keys() | new["headers"].keys()) - versions):
        before, after = old["headers"].get(name), new["headers"].get(name)
        if before != after:
            facts.add([name], Fact("default-header-changed", "client", name, before, after))
    for limit, before_limit, after_limit in (
        ("max_retries", old["max_retries"], new["max_retries"]),
        ("timeout_s", old["timeout_s"], new["timeout_s"]),
    ):
        if before_limit != after_limit:
            facts.add([limit], Fact("default-limit-changed", "client", limit, before_limit, after_limit))
    if old["http_library"] != new["http_library"] and old["http_library"] and new["http_library"]:
        fact = Fact(
            "sdk-http-library-changed", "package", "HTTP library", old["http_library"], new["http_library"]
        )
        requirement = packaging.requirement_of(candidate["package"]["requires"], new["http_library"])
        fact.note = f"The release requires {requirement}." if requirement else ""
        facts.add([], fact)


def compare_package(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    """Compare what the release asks of its environment."""
    old, new = baseline["package"], candidate["package"]
    http = {baseline["client"]["http_library"], candidate["client"]["http_library"]}
    swapped = http if len(http - {None}) == 2 else set()
    for change in packaging.dependency_changes(old["requires"], new["requires"]):
        if change.name in swapped:
            continue
        fact = Fact("sdk-dependency-changed", "package", change.name, change.before, change.after)
        if change.harmless:
            fact.level = "info"
            fact.reason = "a package is no longer required, or more of its versions are allowed"
        facts.add([change.name], fact)
    facts.add_values(
        "sdk-extra-added",
        "sdk-extra-removed",
        "package",
        "extra",
        set(old["extras"]),
        set(new["extras"]),
    )
    before, after = (
        packaging.python_floor(old["requires_python"]),
        packaging.python_floor(new["requires_python"]),
    )
    if before != after and before is not None and after is not None:
        rule = "sdk-python-floor-raised" if after > before else "sdk-python-floor-lowered"
        facts.add([], Fact(rule, "package", "Python", old["requires_python"], new["requires_python"]))


# ---------------------------------------------------------------- words


def compare_words(facts: Facts, baseline: Surface, candidate: Surface) -> None:
    """Compare values of the beta header, model ids and what is said of their ends."""
    facts.add_values(
        "beta-value-added",
        "beta-value-removed",
        "betas",
        "beta header",
        set(baseline["betas"]),
        set(candidate["betas"]),
    )
    old, new = baseline["models"], candidate["models"]
    _listed(facts, "model-id-listed", new, old)
    _listed(facts, "model-id-unlisted", old, new)
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        was, now = bool(one and one["deprecated"]), bool(other and other["deprecated"])
        if now and not was:
            assert other is not None
            said = other["retires"] or other["text"]
            fact = Fact(
                "model-id-deprecated", "models", f"ends {said}" if said else "deprecated", None, said, [name]
            )
            facts.add([name], fact)
        elif was and not now:
            assert one is not None
            fact = Fact(
                "model-id-deprecation-withdrawn",
                "models",
                "deprecated",
                one["retires"] or one["text"],
                None,
                [name],
            )
            if not (other and other["listed"]):
                fact.subject = "deprecated, no longer listed either"
                fact.note = "The ids are no longer listed either: they have ended, they are not reprieved."
            facts.add([name], fact)
        elif was and now:
            assert one is not None
            assert other is not None
            if one["retires"] != other["retires"] and one["retires"] and other["retires"]:
                moved = Fact("model-id-end-moved", "models", "end", one["retires"], other["retires"], [name])
                if other["retires"] < one["retires"]:
                    moved.level, moved.reason = "breaking", "the end comes earlier than announced"
                facts.add([name], moved)


def _listed(facts: Facts, rule: str, side: Mapping[str, ModelFacts], other: Mapping[str, ModelFacts]) -> None:
    """Report ids that one side lists and the other does not."""
    for name, model in sorted(side.items()):
        if model["listed"] and not (name in other and other[name]["listed"]):
            purpose = listed_for(model)
            subject = f"listed for {purpose}" if purpose else "listed"
            shown = (None, name) if rule == "model-id-listed" else (name, None)
            facts.add([subject, name], Fact(rule, "models", subject, shown[0], shown[1], [name]))
