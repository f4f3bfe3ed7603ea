# The two generators of google-genai: converters for two backends, and request classes with metadata.

import pytest

from drift.surface import compare_surfaces, read_surface
from tests.surface_wheels import GENAI, write_wheel

MODELS, TYPES = "google/genai/models.py", "google/genai/types.py"
CLIENT = "google/genai/_api_client.py"


def read(folder, version="1.0.0", **changes):
    files = dict(GENAI)
    for name, (old, new) in changes.items():
        key = {"models": MODELS, "types": TYPES, "client": CLIENT}.get(name, f"google/genai/_gaos/{name}.py")
        assert old in files[key]
        files[key] = files[key].replace(old, new)
    return read_surface(write_wheel(folder, files, name="google-genai", version=version))


@pytest.fixture(scope="module")
def surface(tmp_path_factory):
    return read(tmp_path_factory.mktemp("genai"))


def method(surface, endpoint, tier, name):
    return surface["endpoints"][endpoint][tier][name]


GENERATE = "POST /{api_version}/{model}:generate"


def test_each_backend_is_a_tier_of_its_own(surface):
    assert {endpoint: sorted(tiers) for endpoint, tiers in surface["endpoints"].items()} == {
        GENERATE: ["developer", "vertex"],
        "POST /upload/{api_version}/files": ["developer"],
        "GET /{api_version}/agents": ["ga"],
        "POST /{api_version}/agents": ["ga"],
    }
    assert method(surface, GENERATE, "vertex", "models.generate")


def test_converters_say_what_goes_where_under_which_name(surface):
    developer = method(surface, GENERATE, "developer", "models.generate")["params"]
    assert {key: parameter["required"] for key, parameter in developer.items()} == {
        "path:model": True,
        "body:parts": True,
        "body:generationConfig": False,
        "body:safetySetting": False,
        "body:tuningSpec": False,
        "query:pageSize": False,
    }
    assert developer["body:safetySetting"]["argument"] == "config.safety"
    config = surface["definitions"][developer["body:generationConfig"]["type"]["ref"]]
    assert set(config["fields"]) == {"topP"}
    tuning = surface["definitions"][developer["body:tuningSpec"]["type"]["ref"]]
    assert set(tuning["fields"]) == {"batchSize", "rate"}


def test_a_parameter_that_one_backend_refuses_is_not_there(surface):
    developer = method(surface, GENERATE, "developer", "models.generate")["params"]
    vertex = method(surface, GENERATE, "vertex", "models.generate")["params"]
    assert "body:labels" in vertex
    assert "body:labels" not in developer
    part = surface["definitions"][developer["body:parts"]["type"]["items"]["ref"]]
    assert set(part["fields"]) == {"text"}


def test_answers_have_the_names_of_the_wire_and_twins_are_dropped(surface):
    answer = surface["definitions"][method(surface, GENERATE, "vertex", "models.generate")["response"]["ref"]]
    assert set(answer["fields"]) == {"finishReason", "firstPart"}
    assert not [key for key in surface["definitions"] if key.endswith("Dict")]
    assert surface["definitions"]["types.FinishReason"]["type"] == {"enum": ["SAFETY", "STOP"], "open": True}


def test_request_classes_say_where_their_fields_travel(surface):
    create = method(surface, "POST /{api_version}/agents", "ga", "agents.create")["params"]
    assert set(create) == {"body:id", "body:tools", "path:api_version"}
    listing = method(surface, "GET /{api_version}/agents", "ga", "agents.list")["params"]
    assert set(listing) == {"query:pageSize"}


def test_the_class_for_unknown_alternatives_is_none(surface):
    tool = surface["definitions"]["_gaos.types.agent.Tool"]["type"]
    assert tool["discriminator"] == "type"
    assert len(tool["anyOf"]) == 2


def test_defaults_are_those_of_an_empty_environment(surface):
    client = surface["client"]
    assert client["api_versions"] == {"developer": "v1", "vertex": "v1beta1"}
    assert client["base_url"] == "https://generative.example.com/"
    assert client["auth"] == ["Authorization: Bearer", "x-goog-api-key"]


def test_model_ids_are_read_and_nothing_is_unresolved(surface):
    assert sorted(surface["models"]) == ["gen-4-flash", "gen-4-pro"]
    assert surface["unresolved"] == {}


def rules(folder, **changes):
    document = compare_surfaces(read(folder, "1.0.0"), read(folder, "2.0.0", **changes))
    return [(finding["rule"], finding["places"][0]) for finding in document["findings"]]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"client": ("DEFAULT_VERSION = 'v1'", "DEFAULT_VERSION = 'v2'")},
            [("default-api-version-changed", "developer")],
        ),
        (
            {"models": ("path = 'upload/{api_version}/files'", "path = 'upload/v1beta/files'")},
            [("endpoint-path-changed", "POST /upload/{}/files")],
        ),
        (
            {"types": ("SAFETY = 'SAFETY'", "SAFETY = 'SAFETY'\n            OTHER = 'OTHER'")},
            [("response-value-added", "finishReason: OTHER")],
        ),
        (
            {
                "models": (
                    "            if self._api_client.vertexai:\n              raise ValueError",
                    "            if not self._api_client.vertexai:\n              raise ValueError",
                )
            },
            [
                ("endpoint-tier-removed", "POST /upload/{api_version}/files [developer]"),
                ("endpoint-tier-added", "POST /upload/{api_version}/files [vertex]"),
            ],
        ),
        (
            {
                "models": (
                    "setv(to_object, ['topP'], getv(from_object, ['top_p']))",
                    "raise ValueError('gone')",
                )
            },
            [("request-parameter-removed", "topP")],
        ),
        ({"types": ("class PartDict(", "class PartTypedDict(")}, []),
    ],
)
def test_steps_of_the_sdk_are_facts(tmp_path, changes, expected):
    assert rules(tmp_path, **changes) == expected


def test_generated_classes_are_named_by_the_way_that_leads_to_them(tmp_path):
    files = {
        **GENAI,
        "google/genai/_gaos/sdk.py": """
            from typing import TYPE_CHECKING
            from .basesdk import BaseSDK
            if TYPE_CHECKING:
                from google.genai._gaos.teams import Teams

            class Client(BaseSDK):
                crews: "Teams"
            """,
        "google/genai/_gaos/teams.py": """
            from .basesdk import BaseSDK
            from .agents import Agents

            class Teams(BaseSDK):
                workers: Agents
            """,
    }
    endpoints = read_surface(write_wheel(tmp_path, files, name="google-genai"))["endpoints"]
    assert set(endpoints["GET /{api_version}/agents"]["ga"]) == {"crews.workers.list"}


def test_a_request_may_be_made_of_loose_fields(surface, tmp_path):
    made = "models.CreateAgentRequest(api_version=api_version, body=agents.Agent(id=id))"
    loose = "cast(models.CreateAgentRequest, utils.unmarshal({'body': id}, models.CreateAgentRequest))"
    other = read(tmp_path, agents=(made, loose))
    endpoint = ("POST /{api_version}/agents", "ga", "agents.create")
    assert method(other, *endpoint) == method(surface, *endpoint)
    assert "body:id" in method(other, *endpoint)["params"]


def test_an_sdk_of_another_make_inside_is_read_with_the_paths_that_its_client_builds(tmp_path):
    inside = "google/genai/_interactions"
    files = {
        **GENAI,
        f"{inside}/_client.py": """
            from ._base_client import SyncAPIClient
            from .resources.talks import Talks

            class NextClient(SyncAPIClient):
                @property
                def talks(self) -> Talks:
                    return Talks(self)
            """,
        f"{inside}/_base_client.py": """
            class SyncAPIClient:
                def _build_path(self, *, api_version: str, path: str) -> str:
                    if not self._project:
                        return f"/{api_version}/{path}"
                    return f"/{api_version}/projects/{self._project}/{path}"
            """,
        f"{inside}/_resource.py": "class SyncAPIResource: ...",
        f"{inside}/resources/talks.py": """
            from .._resource import SyncAPIResource

            class Talks(SyncAPIResource):
                def create(self, *, input: str, api_version: str | None = None) -> object:
                    url = self._client._build_path(api_version=api_version, path="talks")
                    return self._post(url, body={"input": input})

                def end(self, id: str, *, api_version: str | None = None) -> object:
                    return self._post(
                        self._client._build_path(api_version=api_version, path=f"talks/{id}:end"), body={}
                    )
            """,
    }
    surface = read_surface(write_wheel(tmp_path, files, name="google-genai"))
    assert set(method(surface, "POST /{api_version}/talks", "ga", "talks.create")["params"]) == {
        "body:input",
        "path:api_version",
    }
    assert method(surface, "POST /{api_version}/talks/{id}:end", "ga", "talks.end")
    assert method(surface, "POST /{api_version}/agents", "ga", "agents.create")
    assert surface["unresolved"] == {}
