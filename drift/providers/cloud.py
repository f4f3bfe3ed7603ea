# Claude on Bedrock, Vertex and Foundry through the SDK's own cloud clients: the same API behind other doors.
# Owns: what each cloud needs (an extra, credentials, a region, a project), and boto3, google-auth and azure-identity.
# Refuses to know: how a request is sent and recorded (see anthropic.py), what a reply means.
"""Claude on the clouds.

The SDK signs, fetches tokens and rewrites a request on its way out; the recorder keeps what went out after that, so a
record shows the path and the body of the platform. No credential is kept, and no id of an account.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from drift.errors import MissingKeyError, UsageError
from drift.http import is_loopback
from drift.model import JSON, Exchange, Target
from drift.providers.anthropic import AnthropicProvider
from drift.providers.platforms import NO_KEY, PLATFORMS, Endpoint, find_base_url, find_endpoint

_LOOPBACK_REGION = "us-east-1"
"""A host on this machine is in no region, but a signature has to name one."""
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_AZURE_SCOPE = "https://ai.azure.com/.default"


def open_cloud(target: Target, *, timeout_s: float) -> AnthropicProvider:
    """Open a provider for Claude on a cloud platform; errors as in `drift.providers.open_provider`."""
    provider = {"bedrock": BedrockProvider, "foundry": FoundryProvider, "vertex": VertexProvider}
    return provider[target.platform](target, timeout_s=timeout_s)


def _installed(module: str, target: Target) -> Any:
    """Import a library that an extra brings; UsageError with the command that installs it when it is not there."""
    try:
        return import_module(module)
    except ImportError:
        extra = PLATFORMS[target.platform].extra
        todo = f"pip install 'model-drift-tracker[{extra}]'"
        raise UsageError(f"{target.spec} needs the extra {extra!r}", todo) from None


class _CloudProvider(AnthropicProvider):
    """A platform whose requests carry the API version in their body: a probe's header for it goes there as well."""

    def _default_version(self, http_client: Any) -> str | None:
        """Return the API version that the SDK sends when it is not told another one."""
        client = self._sdk.AsyncAnthropic(api_key=NO_KEY, http_client=http_client)
        version = client.default_headers.get("anthropic-version")
        return version if isinstance(version, str) else None

    def _body(self, exchange: Exchange, dialect: str, turns: Sequence[Mapping[str, JSON]]) -> JSON:
        body = super()._body(exchange, dialect, turns)
        asked = {name.lower(): value for name, value in exchange.headers.items()}.get("anthropic-version")
        version = asked or self.target.api_version
        return {"anthropic_version": version, **body} if version and isinstance(body, Mapping) else body

    def _headers(self, changes: Mapping[str, str]) -> dict[str, Any]:
        kept = {name: value for name, value in changes.items() if name.lower() != "anthropic-version"}
        return super()._headers(kept)


class BedrockProvider(_CloudProvider):
    """Amazon Bedrock: InvokeModel and its event stream. It counts no tokens and lists no models in this API."""

    def __init__(self, target: Target, *, timeout_s: float) -> None:
        """Find region and credentials where Amazon's own tools find them."""
        super().__init__(target, Endpoint(find_base_url(target), None, ""), timeout_s=timeout_s)

    def _connect(self, endpoint: Endpoint, **settings: Any) -> Any:
        boto3, errors = (_installed(name, self.target) for name in ("boto3", "botocore.exceptions"))
        loopback = is_loopback(endpoint.base_url)
        named = self.target.region or os.environ.get("AWS_REGION")
        bearer = bool(os.environ.get("AWS_BEARER_TOKEN_BEDROCK"))
        try:
            session = boto3.Session(region_name=named)
            found = bearer or session.get_credentials() is not None
        except errors.BotoCoreError as error:
            # Its message may hold the path of somebody's home.
            problem = f"the settings of AWS cannot be used ({type(error).__name__})"
            raise UsageError(problem, "check AWS_PROFILE and its file") from None
        if not found and not loopback:
            raise MissingKeyError("AWS_ACCESS_KEY_ID", self.target.spec)
        self.region = session.region_name or (_LOOPBACK_REGION if loopback else None)
        if self.region is None:
            raise UsageError(f"no region for {self.target.spec}", "set AWS_REGION, or give --region")
        self.key_variable = "AWS_BEARER_TOKEN_BEDROCK" if bearer else "AWS_ACCESS_KEY_ID"
        self.api_version = self.target.api_version or self._default_version(settings["http_client"])
        keys = {} if found else {"aws_access_key": NO_KEY, "aws_secret_key": NO_KEY}
        return self._sdk.AsyncAnthropicBedrock(
            aws_region=self.region, base_url=endpoint.base_url, **keys, **settings
        )


class VertexProvider(_CloudProvider):
    """Google's Vertex AI: rawPredict and its stream. It lists no models in this API."""

    def __init__(self, target: Target, *, timeout_s: float) -> None:
        """Find region, project and credentials where Google's own tools find them."""
        super().__init__(target, Endpoint(find_base_url(target), None, ""), timeout_s=timeout_s)

    def _connect(self, endpoint: Endpoint, **settings: Any) -> Any:
        auth, errors = (_installed(name, self.target) for name in ("google.auth", "google.auth.exceptions"))
        _installed("requests", self.target)  # fetches the token
        loopback = is_loopback(endpoint.base_url)
        self.key_variable = "GOOGLE_APPLICATION_CREDENTIALS"
        self.region = self.target.region or os.environ.get("CLOUD_ML_REGION") or None
        if self.region is None:
            raise UsageError(f"no region for {self.target.spec}", "set CLOUD_ML_REGION, or give --region")
        project = os.environ.get("ANTHROPIC_VERTEX_PROJECT_ID")
        credentials = None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about billing of a person's own credentials
                credentials, own_project = auth.default(scopes=[_GOOGLE_SCOPE])
            project = project or own_project
        except errors.GoogleAuthError:
            if os.environ.get(self.key_variable):
                problem = f"what {self.key_variable} names cannot be used"
                raise UsageError(problem, "name a file with credentials") from None
            if not loopback:
                raise MissingKeyError(self.key_variable, self.target.spec) from None
        if not project:
            raise UsageError(f"no project for {self.target.spec}", "set ANTHROPIC_VERTEX_PROJECT_ID")
        self._project = project
        self.api_version = self.target.api_version or self._default_version(settings["http_client"])
        return self._sdk.AsyncAnthropicVertex(
            region=self.region,
            project_id=project,
            credentials=credentials,
            access_token=NO_KEY if credentials is None else None,
            base_url=endpoint.base_url,
            **settings,
        )

    @property
    def _private(self) -> Mapping[str, str]:
        return {self._project: "[project]"}


class FoundryProvider(AnthropicProvider):
    """Microsoft Foundry: the Messages API under a resource of one's own. It lists no models."""

    def __init__(self, target: Target, *, timeout_s: float) -> None:
        """Find the key or an Entra token; without a key the extra `foundry` is needed."""
        try:
            endpoint = find_endpoint(target)
        except MissingKeyError:
            # A token of Entra ID does as well, where its library is there to fetch it.
            if not _has_azure_identity():
                raise
            endpoint = Endpoint(find_base_url(target), None, "ANTHROPIC_FOUNDRY_API_KEY")
        super().__init__(target, endpoint, timeout_s=timeout_s)

    def _connect(self, endpoint: Endpoint, **settings: Any) -> Any:
        resource = os.environ.get("ANTHROPIC_FOUNDRY_RESOURCE")
        if endpoint.base_url is None and not resource:
            raise UsageError(
                f"{self.target.spec} has no address", "set ANTHROPIC_FOUNDRY_RESOURCE, or give --base-url"
            )
        version = self.target.api_version
        client = self._sdk.AsyncAnthropicFoundry(
            api_key=endpoint.key,
            azure_ad_token_provider=None if endpoint.key else _entra_tokens(),
            **({"base_url": endpoint.base_url} if endpoint.base_url else {"resource": resource}),
            default_headers={"anthropic-version": version} if version else None,
            **settings,
        )
        self.api_version = client.default_headers.get("anthropic-version") or None
        return client


def _has_azure_identity() -> bool:
    try:
        import_module("azure.identity")
    except ImportError:
        return False
    return True


def _entra_tokens() -> Callable[[], Any]:
    """Return what fetches a token of Entra ID, off the loop: it may ask the network or start a program."""
    identity = import_module("azure.identity")
    fetch = identity.get_bearer_token_provider(identity.DefaultAzureCredential(), _AZURE_SCOPE)

    async def token() -> str:
        return str(await asyncio.to_thread(fetch))

    return token
