# What is read from a release: the same API in the manners of three generators is one surface.

import json

import pytest

from drift.errors import UsageError
from drift.surface import compare_surfaces, read_surface
from tests.surface_wheels import NEW, NEXT, OLD, write_sdist, write_wheel

MANNERS = {"old": OLD, "new": NEW, "next": NEXT}


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    return {
        name: read_surface(write_wheel(folder, files, version=f"{number}.0.0"))
        for number, (name, files) in enumerate(MANNERS.items(), 1)
    }


@pytest.fixture(params=MANNERS)
def surface(request, surfaces):
    return surfaces[request.param]


def shape(surface, type_):
    """Follow references."""
    while "ref" in type_:
        definition = surface["definitions"][type_["ref"]]
        if definition["kind"] == "object":
            return definition
        type_ = definition["type"]
    return type_


def test_endpoints_are_known_by_verb_path_and_tier(surface):
    found = {
        (endpoint.replace("{id}", "{file_id}"), tier): sorted(methods)
        for endpoint, tiers in surface["endpoints"].items()
        for tier, methods in tiers.items()
    }
    assert found == {
        ("POST /v1/messages", "ga"): ["messages.create"],
        ("GET /v1/files", "beta"): ["beta.files.list"],
        ("DELETE /v1/files/{file_id}", "beta"): ["beta.files.delete"],
    }


def test_parameters_have_their_place_wire_name_and_whether_they_must_be_given(surface):
    create = surface["endpoints"]["POST /v1/messages"]["ga"]["messages.create"]["params"]
    assert {key: parameter["required"] for key, parameter in create.items()} == {
        "body:max_tokens": True,
        "body:model": True,
        "body:effort": False,
        "body:stream": False,
        "body:tools": False,
    }
    listing = surface["endpoints"]["GET /v1/files"]["beta"]["beta.files.list"]["params"]
    assert set(listing) == {"query:created_at[gte]", "header:acme-beta"}
    assert listing["query:created_at[gte]"]["argument"] == "created_at_gte"
    (delete,) = (
        tiers["beta"]["beta.files.delete"]["params"]
        for endpoint, tiers in surface["endpoints"].items()
        if endpoint.startswith("DELETE")
    )
    assert {key.partition(":")[0] for key in delete} == {"path", "header"}


def test_types_are_those_of_the_wire(surface):
    create = surface["endpoints"]["POST /v1/messages"]["ga"]["messages.create"]
    assert shape(surface, create["params"]["body:effort"]["type"]) == {"enum": ["high", "low"], "open": False}
    tools = shape(surface, create["params"]["body:tools"]["type"]["items"])
    objects = [shape(surface, one) for one in tools["anyOf"]]
    custom = next(one for one in objects if "name" in one["fields"])
    assert custom["fields"]["from"]["required"], "a key that is a Python keyword"
    assert not custom["fields"]["strict"]["required"]
    message = shape(surface, create["response"])
    assert message["fields"]["id"]["required"]
    assert not message["fields"]["stop_reason"]["required"]
    page = shape(surface, surface["endpoints"]["GET /v1/files"]["beta"]["beta.files.list"]["response"])
    assert set(page["fields"]) == {"data", "has_more"}
    assert set(shape(surface, page["fields"]["data"]["type"]["items"])["fields"]) == {
        "id",
        "created_at",
        "from",
    }


def test_words_of_the_release_are_read(surface):
    assert surface["betas"] == ["files-2026-02-03", "runs-2026-03-04"]
    assert surface["models"]["acme-large-2"] == {
        "listed": True,
        "deprecated": False,
        "retires": None,
        "text": None,
        "sources": ["parameter", "types.model"],
    }
    assert surface["models"]["acme-small-1"]["retires"] == "2027-02-03"
    assert surface["errors"]["types"] == ["api_error"]
    assert surface["errors"]["codes"] == ["quota_exceeded"]
    assert surface["errors"]["statuses"] == {"400": "BadRequestError", "429": "RateLimitError"}
    assert surface["errors"]["aliases"] == {"TooManyRequestsError": "RateLimitError"}
    assert "TooManyRequestsError" not in surface["errors"]["classes"]
    assert set(surface["events"]) == {"stream", "webhook"}


def test_a_model_that_a_field_inside_a_request_names_is_listed(tmp_path):
    files = with_method(
        """
            def open(self, *, session: Session, notes: Note | Omit = omit) -> MessageObject:
                return self._post("/v1/sessions", body={"session": session}, cast_to=MessageObject)

        class Voice(TypedDict, total=False):
            transcription_model: Literal["acme-hear-1"]

        class Session(TypedDict, total=False):
            model: Required[Union[str, Literal["acme-live-1", "acme-live-1.1"]]]
            voices: List[Voice]

        class Note(TypedDict, total=False):
            label: Literal["acme-note-1"]
        """
    )
    models = read_surface(write_wheel(tmp_path, files))["models"]
    inside = {name for name, facts in models.items() if facts["sources"] == ["parameter"]}
    assert inside == {"acme-live-1", "acme-live-1.1", "acme-hear-1"}


def test_what_the_client_does_unasked_is_read(surface):
    assert surface["client"] == {
        "base_url": "https://api.acme.example",
        "headers": {"acme-version": "2026-01-01"},
        "auth": ["X-Api-Key"],
        "api_versions": {"acme-version": "2026-01-01"},
        "http_library": "httpx",
        "max_retries": 2,
        "timeout_s": 600.0,
    }
    listing = surface["endpoints"]["GET /v1/files"]["beta"]["beta.files.list"]
    assert listing["sent"] == {"acme-beta": ["files-2026-02-03"]}


def test_nothing_is_left_unresolved(surface):
    assert surface["unresolved"] == {}


@pytest.mark.parametrize("one", MANNERS)
@pytest.mark.parametrize("other", MANNERS)
def test_another_manner_of_the_generator_is_no_fact(surfaces, one, other):
    found = compare_surfaces(surfaces[one], surfaces[other])["findings"]
    assert [(finding["rule"], finding["places"]) for finding in found] == []


def test_a_surface_is_json_and_reading_again_gives_the_same(tmp_path):
    first = read_surface(write_wheel(tmp_path, NEW))
    assert json.loads(json.dumps(first)) == first == read_surface(tmp_path / "acme-1.0.0-py3-none-any.whl")


def test_the_metadata_of_the_release_is_part_of_it(tmp_path):
    path = write_wheel(
        tmp_path,
        OLD,
        version="2.0.0",
        **{
            "Requires-Python": ">=3.11",
            "Requires-Dist": ["httpx2<3,>=2", "boto3; extra == 'aws'"],
            "Provides-Extra": "aws",
        },
    )
    package = read_surface(path)["package"]
    assert (package["version"], package["requires_python"], package["extras"]) == ("2.0.0", ">=3.11", ["aws"])
    assert package["requires"] == ["httpx2<3,>=2", "boto3; extra == 'aws'"]
    assert read_surface(path)["client"]["http_library"] == "httpx2"


def test_an_sdist_is_read_like_a_wheel_and_dates_itself_by_its_changelog(tmp_path):
    changelog = (
        "# Changelog\n\n## [1.0.0](https://acme.example/compare) (2026-10-07)\n\n## 0.9.0 (2026-01-01)\n"
    )
    sdist = read_surface(write_sdist(tmp_path, NEW, changelog=changelog))
    wheel = read_surface(write_wheel(tmp_path, NEW))
    assert sdist["package"]["released"] == "2026-10-07"
    assert (sdist["package"]["kind"], wheel["package"]["kind"]) == ("sdist", "wheel")
    assert compare_surfaces(sdist, wheel)["findings"] == []


def test_a_path_that_only_the_server_knows_is_guessed_and_said(tmp_path):
    files = {
        **NEW,
        "resources/files.py": NEW["resources/files.py"]
        + """
            def retrieve(self, file_id: str) -> DeletedFile:
                return self._get(path_template("/v1/files/{file_id}", file_id=file_id), cast_to=DeletedFile)

            def results(self, file_id: str) -> DeletedFile:
                file = self.retrieve(file_id)
                return self._get(file.results_url, cast_to=DeletedFile)
        """,
    }
    surface = read_surface(write_wheel(tmp_path, files))
    tiers = surface["endpoints"]["GET /v1/files/{id}/results"]
    assert tiers["beta"]["beta.files.results"]["runtime_path"]
    document = compare_surfaces(surface, surface)
    assert any("guessed" in notice for notice in document["notices"])


def test_what_is_not_understood_is_counted_and_said(tmp_path):
    files = {
        **NEW,
        "types/effort.py": "Effort = compute_type()\n",
    }
    surface = read_surface(write_wheel(tmp_path, files))
    assert surface["unresolved"] == {"compute_type()": 1}
    assert any("not understood" in notice for notice in compare_surfaces(surface, surface)["notices"])


def test_a_release_that_is_no_sdk_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no endpoint"):
        read_surface(write_wheel(tmp_path, {"__init__.py": "def hello(): ...\n"}))


def test_two_sdks_are_not_compared(tmp_path):
    one = read_surface(write_wheel(tmp_path, NEW))
    other = read_surface(write_wheel(tmp_path, NEW, name="other"))
    with pytest.raises(UsageError, match="different SDKs"):
        compare_surfaces(one, other)


# ---------------------------------------------------------------- deprecations, helpers, delegation


def with_method(text):
    return {**NEW, "resources/messages.py": NEW["resources/messages.py"] + text}


@pytest.mark.parametrize(
    ("decorator", "docstring", "said"),
    [
        ('@typing_extensions.deprecated("Use create.")', "", "Use create."),
        ("", '"""Deprecated: use create."""', "Deprecated: use create."),
        ("", '"""Lists models; `deprecated_at` is a date."""', None),
    ],
)
def test_a_deprecation_stands_in_a_decorator_or_at_the_start_of_the_docstring(
    tmp_path, decorator, docstring, said
):
    text = f"""
            {decorator or "# nothing"}
            def old(self, *, text: str) -> MessageObject:
                {docstring or "..."}
                return self._post("/v1/old", body={{"text": text}}, cast_to=MessageObject)
        """
    surface = read_surface(write_wheel(tmp_path, with_method(text)))
    assert surface["endpoints"]["POST /v1/old"]["ga"]["messages.old"]["deprecated"] == said


@pytest.mark.parametrize(
    "body",
    [
        'return run(partial(self._post, "/v1/x", body={"text": text}, cast_to=MessageObject))',
        'return self._client.post(path="/v1/x", body={"text": text}, cast_to=MessageObject)',
        'return self._request("POST", "/v1/x", body={"text": text}, cast_to=MessageObject)',
        'path = "/v1/x"; return self._post(path, body={"text": text}, cast_to=MessageObject)',
        'return self._post("/v1" + "/x", body=dict_of({"text": text}), cast_to=MessageObject)',
        'body = {"text": text}; body = copy(body); return self._post("/v1/x", body=maybe_transform(body, P))',
        'context = prepare(self, {"text": text}, mode="x"); return self._post("/v1/x", body=context.body)',
        "return call_for(self, text=text)",
    ],
)
def test_a_request_is_recognised_however_it_is_made(tmp_path, body):
    files = with_method(
        f"""
            def x(self, *, text: str) -> MessageObject:
                {body}

        def call_for(resource, *, text):
            return resource._post("/v1/x", body={{"text": text}}, cast_to=MessageObject)
        """
    )
    method = read_surface(write_wheel(tmp_path, files))["endpoints"]["POST /v1/x"]["ga"]["messages.x"]
    assert method["params"]["body:text"]["required"]


def test_an_argument_that_flows_into_another_value_is_told_apart_from_what_goes_over_the_wire(tmp_path):
    files = with_method(
        """
            def x(self, *, config: dict[str, str] | Omit = omit, format: type | Omit = omit, tries: int = 3):
                merged: dict[str, str] | Omit = omit
                if format:
                    merged = {**config, "format": format}
                return self._post("/v1/x", body={"config": merged, "format": omit}, cast_to=MessageObject)
        """
    )
    method = read_surface(write_wheel(tmp_path, files))["endpoints"]["POST /v1/x"]["ga"]["messages.x"]
    assert set(method["params"]) == {"body:config", "inside:format", "client:tries"}


def test_a_resource_that_no_client_leads_to_is_read_all_the_same(tmp_path):
    files = {
        **NEW,
        "resources/dreams/dreams.py": """
            from ..._resource import SyncAPIResource

            class Dreams(SyncAPIResource):
                def create(self, *, model: str):
                    return self._post("/v1/dreams", body={"model": model})
            """,
    }
    assert read_surface(write_wheel(tmp_path, files))["endpoints"]["POST /v1/dreams"]["ga"]["dreams.create"]


def test_a_resource_that_stands_in_two_places_can_be_called_in_both(tmp_path):
    beta = OLD["resources/beta.py"].replace(
        "            @cached_property\n            def with_raw_response",
        "            @cached_property\n            def trial(self) -> Files:\n"
        "                return Files(self._client)\n\n"
        "            @cached_property\n            def with_raw_response",
    )
    found = read_surface(write_wheel(tmp_path, {**OLD, "resources/beta.py": beta}))["endpoints"]
    names = {name for tiers in found.values() for names in tiers.values() for name in names}
    assert {"beta.files.list", "beta.trial.list"} <= names


def test_a_package_inside_packages_that_hold_nothing_else_is_found(tmp_path):
    files = {f"acme/cloud/sdk/{name}": text for name, text in NEW.items()}
    files["acme/cloud/__init__.py"] = ""
    files["acme/cloud/sdk/resources/dreams.py"] = """
        from acme.cloud.sdk._resource import SyncAPIResource

        class Dreams(SyncAPIResource):
            def create(self, *, model: str):
                return self._post("/v1/dreams", body={"model": model})
        """
    surface = read_surface(write_wheel(tmp_path, files))
    assert surface["endpoints"]["POST /v1/dreams"]["ga"]["dreams.create"]
    assert surface["endpoints"]["POST /v1/messages"]["ga"]["messages.create"]
