# Small SDKs in the manners of the generators, packed as wheels and sdists: made up, never run.
# Owns: the sources of the acme SDK in three manners, and the packing. Refuses to know: what a test asserts.
"""Wheels for the tests of surfaces.

`OLD`, `NEW` and `NEXT` are the same API, written as generators wrote it over the years:

- `OLD`: annotated resources, f-strings for paths, `?beta=true`, `maybe_transform` with the wire names in TypedDicts;
- `NEW`: cached properties, path templates, wire names in the dictionaries of the methods, qualifiers;
- `NEXT`: a manner that does not exist yet: resources made in the constructor, requests by one function with verb and
  path, headers and paths in constants.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent


def metadata(name: str, version: str, **fields: str | list[str]) -> str:
    lines = ["Metadata-Version: 2.3", f"Name: {name}", f"Version: {version}"]
    for key, value in {"Requires-Python": ">=3.9", "Requires-Dist": ["httpx<1,>=0.23.0"], **fields}.items():
        lines += [f"{key}: {one}" for one in ([value] if isinstance(value, str) else value)]
    return "\n".join(lines) + "\n\nA description.\n"


def write_wheel(
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    name: str = "acme",
    version: str = "1.0.0",
    **fields: str | list[str],
) -> Path:
    """Write a wheel with these files below the package, and return its path."""
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in files.items():
            inside = file if "/" in file and file.startswith(("google/", "acme/")) else f"acme/{file}"
            archive.writestr(inside, dedent(text) if isinstance(text, str) else text)
        archive.writestr(f"{info}/METADATA", metadata(name, version, **fields))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def write_sdist(
    folder: Path, files: Mapping[str, str], *, name: str = "acme", version: str = "1.0.0", changelog: str = ""
) -> Path:
    """Write an sdist with these files below src/<package>, and return its path."""
    path = folder / f"{name}-{version}.tar.gz"
    texts = {f"src/acme/{file}": dedent(text) for file, text in files.items()}
    texts |= {"PKG-INFO": metadata(name, version), "tests/test_x.py": "", "CHANGELOG.md": changelog}
    with tarfile.open(path, "w:gz") as archive:
        for file, text in texts.items():
            data = text.encode()
            member = tarfile.TarInfo(f"{name}-{version}/{file}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


_TYPES = {
    "__init__.py": '"""The package."""\n',
    "resources/__init__.py": "from .messages import Messages\nfrom .beta import Beta\n",
    "types/__init__.py": "from .message import Message as Message\n",
    "_models.py": "import pydantic\n\nclass BaseModel(pydantic.BaseModel): ...\n",
    "_exceptions.py": """
        from typing_extensions import Literal

        class AcmeError(Exception): ...
        class APIError(AcmeError): ...
        class APIStatusError(APIError): ...
        class BadRequestError(APIStatusError):
            status_code: Literal[400] = 400
        class RateLimitError(APIStatusError):
            status_code: Literal[429] = 429
        TooManyRequestsError = RateLimitError
        """,
    "types/model.py": """
        from typing import Union
        from typing_extensions import Literal, TypeAlias

        Model: TypeAlias = Union[Literal["acme-large-2", "acme-small-1"], str]
        \"\"\"Deprecated values:

        - "acme-small-1": Announced shutdown date:
          2027-02-03. See https://acme.example for details.
        \"\"\"
        """,
    "types/stop_reason.py": """
        from typing_extensions import Literal, TypeAlias

        StopReason: TypeAlias = Literal["end_turn", "refusal"]
        """,
    "types/shared/api_error_object.py": """
        from typing_extensions import Literal
        from ..._models import BaseModel

        class APIErrorObject(BaseModel):
            message: str
            type: Literal["api_error"]
        """,
    "types/shared/quota_error_details.py": """
        from typing_extensions import Literal
        from ..._models import BaseModel

        class QuotaErrorDetails(BaseModel):
            error_code: Literal["quota_exceeded"]
        """,
    "types/shared/error_object.py": """
        from typing import Union
        from typing_extensions import Annotated, TypeAlias
        from ..._utils import PropertyInfo
        from .api_error_object import APIErrorObject

        ErrorObject: TypeAlias = Annotated[Union[APIErrorObject, APIErrorObject], PropertyInfo(discriminator="type")]
        """,
    "types/beta/webhook_event.py": """
        from typing import Union
        from typing_extensions import Literal, Annotated, TypeAlias
        from ..._models import BaseModel
        from ..._utils import PropertyInfo

        class CreatedEvent(BaseModel):
            type: Literal["run.created"]

        class EndedEvent(BaseModel):
            type: Literal["run.ended"]

        WebhookEvent: TypeAlias = Annotated[Union[CreatedEvent, EndedEvent], PropertyInfo(discriminator="type")]
        """,
    "types/stream_event.py": """
        from typing import Union
        from typing_extensions import Literal, TypeAlias
        from .._models import BaseModel

        class Start(BaseModel):
            type: Literal["start"]

        class Stop(BaseModel):
            type: Literal["stop"]

        StreamEvent: TypeAlias = Union[Start, Stop]
        """,
    "types/deleted_file.py": """
        from .._models import BaseModel

        class DeletedFile(BaseModel):
            id: str
        """,
    "types/file_metadata.py": """
        from typing import Optional
        from datetime import datetime
        from pydantic import Field as FieldInfo
        from .._models import BaseModel

        class FileMetadata(BaseModel):
            id: str
            created_at: datetime
            from_: Optional[str] = FieldInfo(alias="from", default=None)
        """,
    "pagination.py": """
        from typing import List, Generic, TypeVar, Optional
        from ._models import BaseModel

        _T = TypeVar("_T")

        class SyncPage(BaseModel, Generic[_T]):
            data: List[_T]
            has_more: Optional[bool] = None
        """,
}

_OLD_CLIENT = """
    import os
    import httpx
    from . import resources
    from ._constants import DEFAULT_MAX_RETRIES

    class Acme(SyncAPIClient):
        messages: resources.Messages
        beta: resources.Beta
        with_raw_response: AcmeWithRawResponse

        def __init__(self, *, api_key: str | None = None, base_url: str | None = None) -> None:
            if base_url is None:
                base_url = os.environ.get("ACME_BASE_URL")
            if base_url is None:
                base_url = f"https://api.acme.example"
            self.api_key = api_key

        @property
        def auth_headers(self) -> dict[str, str]:
            return {"X-Api-Key": self.api_key}

        @property
        def default_headers(self) -> dict[str, str]:
            return {**super().default_headers, "X-Stainless-Async": "false", "acme-version": "2026-01-01"}

    class AsyncAcme(AsyncAPIClient):
        messages: resources.AsyncMessages
    """
_CONSTANTS = """
    import httpx

    DEFAULT_TIMEOUT = httpx.Timeout(timeout=10 * 60, connect=5.0)
    DEFAULT_MAX_RETRIES = 2
    ACME_VERSION = "2026-01-01"
    """

_PARAMS = {
    "types/beta_value_param.py": """
        from typing import Union
        from typing_extensions import Literal, TypeAlias

        BetaValueParam: TypeAlias = Union[str, Literal["files-2026-02-03", "runs-2026-03-04"]]
        """,
    "types/tool_param.py": """
        from __future__ import annotations
        from typing import Union
        from typing_extensions import Literal, Required, TypeAlias, TypedDict

        _Reserved = TypedDict("_Reserved", {"from": Required[str]}, total=False)

        class CustomToolParam(_Reserved, total=False):
            type: Required[Literal["custom"]]
            name: Required[str]
            strict: bool

        class BrowserToolParam(TypedDict, total=False):
            type: Required[Literal["browser"]]

        ToolParam: TypeAlias = Union[CustomToolParam, BrowserToolParam]
        """,
    "types/message.py": """
        from typing import List, Union, Optional
        from typing_extensions import Literal, TypeAlias
        from .._models import BaseModel
        from .stop_reason import StopReason

        class TextBlock(BaseModel):
            type: Literal["text"]
            text: str

        class ToolUseBlock(BaseModel):
            type: Literal["tool_use"]
            input: object

        ContentBlock: TypeAlias = Union[TextBlock, ToolUseBlock]

        class Message(BaseModel):
            id: str
            content: List[ContentBlock]
            stop_reason: Optional[StopReason] = None
        """,
}

OLD: dict[str, str] = {
    **_TYPES,
    **_PARAMS,
    "_client.py": _OLD_CLIENT,
    "_constants.py": _CONSTANTS,
    "types/message_create_params.py": """
        from __future__ import annotations
        from typing import List, Union, Iterable
        from typing_extensions import Literal, Required, TypedDict
        from .model import Model
        from .tool_param import ToolParam

        class MessageCreateParamsBase(TypedDict, total=False):
            model: Required[Model]
            max_tokens: Required[int]
            tools: Iterable[ToolParam]
            effort: Literal["low", "high"]

        class MessageCreateParamsNonStreaming(MessageCreateParamsBase, total=False):
            stream: Literal[False]

        class MessageCreateParamsStreaming(MessageCreateParamsBase):
            stream: Required[Literal[True]]

        MessageCreateParams = Union[MessageCreateParamsNonStreaming, MessageCreateParamsStreaming]
        """,
    "types/file_list_params.py": """
        from __future__ import annotations
        from typing import Union
        from datetime import datetime
        from typing_extensions import Annotated, TypedDict
        from .._utils import PropertyInfo

        class FileListParams(TypedDict, total=False):
            created_at_gte: Annotated[Union[str, datetime], PropertyInfo(alias="created_at[gte]", format="iso8601")]
        """,
    "resources/messages.py": """
        from __future__ import annotations
        import httpx
        from typing import Iterable, Union
        from typing_extensions import Literal, overload
        from ..types import message_create_params
        from .._types import NOT_GIVEN, Body, Query, Headers, NotGiven
        from .._utils import required_args, maybe_transform
        from .._resource import SyncAPIResource, AsyncAPIResource
        from .._base_client import make_request_options
        from ..types.model import Model
        from ..types.message import Message
        from ..types.tool_param import ToolParam
        from ..types.stream_event import StreamEvent
        from .._streaming import Stream

        class Messages(SyncAPIResource):
            with_raw_response: MessagesWithRawResponse

            @overload
            def create(self, *, max_tokens: int, model: Model, stream: Literal[False] | NotGiven = NOT_GIVEN) -> M: ...

            @required_args(["max_tokens", "model"], ["max_tokens", "model", "stream"])
            def create(
                self,
                *,
                max_tokens: int,
                model: Model,
                effort: Literal["low", "high"] | NotGiven = NOT_GIVEN,
                stream: Literal[False] | Literal[True] | NotGiven = NOT_GIVEN,
                tools: Iterable[ToolParam] | NotGiven = NOT_GIVEN,
                extra_headers: Headers | None = None,
                extra_query: Query | None = None,
                extra_body: Body | None = None,
                timeout: float | httpx.Timeout | None | NotGiven = NOT_GIVEN,
            ) -> Message | Stream[StreamEvent]:
                return self._post(
                    "/v1/messages",
                    body=maybe_transform(
                        {
                            "max_tokens": max_tokens,
                            "model": model,
                            "effort": effort,
                            "stream": stream,
                            "tools": tools,
                        },
                        message_create_params.MessageCreateParams,
                    ),
                    options=make_request_options(
                        extra_headers=extra_headers, extra_query=extra_query, extra_body=extra_body, timeout=timeout
                    ),
                    cast_to=Message,
                    stream=stream or False,
                    stream_cls=Stream[StreamEvent],
                )

        class AsyncMessages(AsyncAPIResource):
            async def create(self) -> Message:
                return await self._post("/v1/never_read", cast_to=Message)

        class MessagesWithRawResponse:
            def __init__(self, messages: Messages) -> None:
                self.create = to_raw_response_wrapper(messages.create)
        """,
    "resources/beta.py": """
        from __future__ import annotations
        from .._compat import cached_property
        from .._resource import SyncAPIResource
        from .files import Files

        class Beta(SyncAPIResource):
            @cached_property
            def files(self) -> Files:
                return Files(self._client)

            @cached_property
            def with_raw_response(self) -> BetaWithRawResponse:
                return BetaWithRawResponse(self)
        """,
    "resources/files.py": """
        from __future__ import annotations
        from typing import List, Union
        from itertools import chain
        from datetime import datetime
        from ..types import file_list_params
        from .._types import NOT_GIVEN, NotGiven
        from .._utils import is_given, maybe_transform, strip_not_given
        from .._resource import SyncAPIResource
        from .._base_client import make_request_options
        from ..pagination import SyncPage
        from ..types.deleted_file import DeletedFile
        from ..types.file_metadata import FileMetadata
        from ..types.beta_value_param import BetaValueParam

        class Files(SyncAPIResource):
            def list(
                self,
                *,
                created_at_gte: Union[str, datetime] | NotGiven = NOT_GIVEN,
                betas: List[BetaValueParam] | NotGiven = NOT_GIVEN,
                extra_headers: Headers | None = None,
            ) -> SyncPage[FileMetadata]:
                extra_headers = {
                    **strip_not_given(
                        {
                            "acme-beta": ",".join(chain((str(e) for e in betas), ["files-2026-02-03"]))
                            if is_given(betas)
                            else NOT_GIVEN
                        }
                    ),
                    **(extra_headers or {}),
                }
                extra_headers = {"acme-beta": "files-2026-02-03", **(extra_headers or {})}
                return self._get_api_list(
                    "/v1/files?beta=true",
                    page=SyncPage[FileMetadata],
                    options=make_request_options(
                        extra_headers=extra_headers,
                        query=maybe_transform({"created_at_gte": created_at_gte}, file_list_params.FileListParams),
                    ),
                    model=FileMetadata,
                )

            def delete(
                self,
                file_id: str,
                *,
                betas: List[BetaValueParam] | NotGiven = NOT_GIVEN,
                extra_headers: Headers | None = None,
            ) -> DeletedFile:
                if not file_id:
                    raise ValueError(f"Expected a non-empty value for `file_id` but received {file_id!r}")
                extra_headers = {
                    **strip_not_given({"acme-beta": ",".join(str(e) for e in betas) if is_given(betas) else NOT_GIVEN}),
                    **(extra_headers or {}),
                }
                return self._delete(
                    f"/v1/files/{file_id}?beta=true",
                    options=make_request_options(extra_headers=extra_headers),
                    cast_to=DeletedFile,
                )
        """,
}

NEW: dict[str, str] = {
    **{name: text for name, text in OLD.items() if not name.endswith("_params.py")},
    "_client.py": """
        from __future__ import annotations
        import os
        from typing import TYPE_CHECKING
        import httpx
        from ._compat import cached_property
        from ._constants import ACME_VERSION, DEFAULT_MAX_RETRIES

        if TYPE_CHECKING:
            from .resources.beta import Beta
            from .resources.messages import Messages

        class Acme(SyncAPIClient):
            def __init__(self, *, api_key: str | None = None, base_url: str | None = None) -> None:
                base_url = base_url or os.environ.get("ACME_BASE_URL") or "https://api.acme.example"
                super().__init__(base_url=base_url)

            @cached_property
            def messages(self) -> Messages:
                from .resources.messages import Messages

                return Messages(self)

            @cached_property
            def beta(self) -> Beta:
                from .resources.beta import Beta

                return Beta(self)

            @property
            def auth_headers(self) -> dict[str, str]:
                return {**self._api_key_auth}

            @property
            def _api_key_auth(self) -> dict[str, str]:
                return {} if self.api_key is None else {"X-Api-Key": self.api_key}

            @property
            def default_headers(self) -> dict[str, str]:
                return {**super().default_headers, "acme-version": ACME_VERSION}
        """,
    "types/message.py": """
        from typing import List, Optional
        from .._models import BaseModel
        from .content_block import ContentBlock
        from .stop_reason import StopReason

        class MessageObject(BaseModel):
            id: str
            content: List[ContentBlock]
            stop_reason: Optional[StopReason] = None

        Message = MessageObject
        \"\"\"Deprecated: Message has been renamed to MessageObject\"\"\"
        """,
    "types/content_block.py": """
        from typing import Union
        from typing_extensions import Annotated, Literal, TypeAlias
        from .._models import BaseModel, UnionDiscriminator

        class ToolUseBlock(BaseModel):
            input: object
            type: Literal["tool_use"]

        class TextBlock(BaseModel):
            text: str
            type: Literal["text"]

        ContentBlock: TypeAlias = Annotated[Union[ToolUseBlock, TextBlock], UnionDiscriminator("type")]
        """,
    "resources/messages.py": """
        from __future__ import annotations
        import httpx
        from typing import Iterable
        from typing_extensions import Literal, overload
        from .._types import Body, Omit, Query, Headers, NotGiven, omit, not_given
        from .._utils import required_args
        from .._resource import SyncAPIResource
        from .._base_client import make_request_options
        from ..types.model import Model
        from ..types.effort import Effort
        from ..types.message import MessageObject
        from ..types.tool_param import ToolParam
        from ..types.stream_event import StreamEvent
        from .._streaming import Stream

        class Messages(SyncAPIResource):
            @required_args(["max_tokens", "model"], ["max_tokens", "model", "stream"])
            def create(
                self,
                *,
                max_tokens: int,
                model: Model,
                effort: Effort | Omit = omit,
                stream: Literal[False] | Literal[True] | Omit = omit,
                tools: Iterable[ToolParam] | Omit = omit,
                extra_headers: Headers | None = None,
                extra_query: Query | None = None,
                extra_body: Body | None = None,
                timeout: float | httpx.Timeout | None | NotGiven = not_given,
            ) -> MessageObject | Stream[StreamEvent]:
                return self._post(
                    "/v1/messages",
                    body={
                        "max_tokens": max_tokens,
                        "model": model,
                        "effort": effort,
                        "stream": stream,
                        "tools": tools,
                    },
                    options=make_request_options(
                        extra_headers=extra_headers,
                        extra_query=extra_query,
                        extra_body=extra_body,
                        timeout=timeout,
                        span_name="acme.messages.create",
                        span_route="/v1/messages",
                        span_attributes={"acme.model": model},
                    ),
                    cast_to=MessageObject,
                    stream=stream or False,
                    stream_cls=Stream[StreamEvent],
                )
        """,
    "types/effort.py": """
        from typing_extensions import Literal, TypeAlias

        Effort: TypeAlias = Literal["high", "low"]
        """,
    "resources/files.py": """
        from __future__ import annotations
        from typing import List, Union
        from datetime import datetime
        from .._types import Omit, omit, not_given
        from .._utils import is_given, path_template, strip_not_given
        from .._resource import SyncAPIResource
        from .._base_client import make_request_options
        from ..pagination import SyncPage
        from ..types.deleted_file import DeletedFile
        from ..types.file_metadata import FileMetadata
        from ..types.beta_value_param import BetaValueParam

        class Files(SyncAPIResource):
            def list(
                self,
                *,
                created_at_gte: Union[str, datetime] | Omit = omit,
                betas: List[BetaValueParam] | Omit = omit,
                extra_headers: Headers | None = None,
            ) -> SyncPage[FileMetadata]:
                extra_headers = {
                    **strip_not_given(
                        {"acme-beta": ",".join(str(e) for e in betas) if is_given(betas) else not_given}
                    ),
                    **(extra_headers or {}),
                }
                extra_headers = {"acme-beta": "files-2026-02-03", **(extra_headers or {})}
                return self._get_api_list(
                    "/v1/files",
                    page=SyncPage[FileMetadata],
                    options=make_request_options(
                        extra_headers=extra_headers,
                        query={"created_at[gte]": created_at_gte},
                        qualifiers={"beta": "true"},
                    ),
                    model=FileMetadata,
                )

            def delete(
                self,
                id: str,
                *,
                betas: List[BetaValueParam] | Omit = omit,
                extra_headers: Headers | None = None,
            ) -> DeletedFile:
                extra_headers = {
                    **strip_not_given(
                        {"acme-beta": ",".join(str(e) for e in betas) if is_given(betas) else not_given}
                    ),
                    **(extra_headers or {}),
                }
                return self._delete(
                    path_template("/v1/files/{id}", id=id),
                    options=make_request_options(extra_headers=extra_headers, qualifiers={"beta": "true"}),
                    cast_to=DeletedFile,
                )
        """,
}

NEXT: dict[str, str] = {
    **NEW,
    "_client.py": """
        from __future__ import annotations
        import httpx
        from ._constants import ACME_VERSION
        from .resources.beta import Beta
        from .resources.messages import Messages

        ENVIRONMENTS = {"production": "https://api.acme.example"}

        class Acme(SyncAPIClient):
            def __init__(self, *, api_key: str | None = None) -> None:
                self.messages = Messages(self)
                self.beta = Beta(self)

            @property
            def auth_headers(self) -> dict[str, str]:
                from ._auth import auth_headers

                return auth_headers(self)

            @property
            def default_headers(self) -> dict[str, str]:
                return {"acme-version": ACME_VERSION}
        """,
    "_auth.py": """
        def auth_headers(client) -> dict[str, str]:
            return {"X-Api-Key": client.api_key}
        """,
    "_routes.py": """
        MESSAGES = "/v1/messages"
        """,
    "resources/beta.py": """
        from .files import Files

        class Beta:
            files = resource(Files)
        """,
    "resources/messages.py": """
        from __future__ import annotations
        from typing import Iterable
        from typing_extensions import Literal
        from .. import _routes
        from .._types import Omit, omit
        from ..types.model import Model
        from ..types.effort import Effort
        from ..types.message import MessageObject
        from ..types.tool_param import ToolParam
        from ..types.stream_event import StreamEvent
        from .._streaming import Stream

        def _create(resource, **given):
            return resource._post(
                _routes.MESSAGES,
                body=given["body"],
                cast_to=MessageObject,
                stream_cls=Stream[StreamEvent],
            )

        class Messages:
            def __init__(self, client) -> None:
                self._client = client

            def create(
                self,
                *,
                max_tokens: int,
                model: Model,
                effort: Effort | Omit = omit,
                stream: Literal[False] | Literal[True] | Omit = omit,
                tools: Iterable[ToolParam] | Omit = omit,
            ) -> MessageObject:
                body = {
                    "max_tokens": max_tokens,
                    "model": model,
                    "effort": effort,
                    "stream": stream,
                    "tools": tools,
                }
                return self._client.request(
                    "POST", _routes.MESSAGES, body=body, cast_to=MessageObject, stream_cls=Stream[StreamEvent]
                )
        """,
    "resources/files.py": """
        from __future__ import annotations
        from typing import List, Union
        from datetime import datetime
        from .._types import Omit, omit
        from ..pagination import SyncPage
        from ..types.deleted_file import DeletedFile
        from ..types.file_metadata import FileMetadata
        from ..types.beta_value_param import BetaValueParam

        class Files:
            def list(
                self, *, created_at_gte: Union[str, datetime] | Omit = omit, betas: List[BetaValueParam] | Omit = omit
            ) -> SyncPage[FileMetadata]:
                return self._client.get(
                    "/v1/files",
                    query={"created_at[gte]": created_at_gte},
                    headers={"acme-beta": joined(betas, "files-2026-02-03")},
                    page=SyncPage[FileMetadata],
                )

            def delete(self, file_id: str, *, betas: List[BetaValueParam] | Omit = omit) -> DeletedFile:
                return self._client.delete(
                    f"/v1/files/{quote(file_id)}", headers={"acme-beta": joined(betas)}, cast_to=DeletedFile
                )
        """,
}

_NEXT_GENERATION = "google/genai/_gaos"

GENAI: dict[str, str] = {
    "google/genai/__init__.py": "",
    "google/genai/_common.py": """
        import enum
        import pydantic
        from pydantic import alias_generators

        class BaseModel(pydantic.BaseModel):
            model_config = pydantic.ConfigDict(alias_generator=alias_generators.to_camel, populate_by_name=True)

        class CaseInSensitiveEnum(str, enum.Enum):
            @classmethod
            def _missing_(cls, value): ...
        """,
    "google/genai/types.py": """
        from typing import Optional, Union
        from pydantic import Field
        from typing_extensions import TypedDict
        from . import _common

        class FinishReason(_common.CaseInSensitiveEnum):
            STOP = 'STOP'
            SAFETY = 'SAFETY'

        class Part(_common.BaseModel):
            text: Optional[str] = Field(default=None)
            media_type: Optional[str] = Field(default=None)

        class PartDict(TypedDict, total=False):
            text: Optional[str]
            media_type: Optional[str]

        PartOrDict = Union[Part, PartDict]

        class GenerateConfig(_common.BaseModel):
            top_p: Optional[float] = Field(default=None)
            labels: Optional[dict[str, str]] = Field(default=None)
            safety: Optional[str] = Field(default=None)
            page_size: Optional[int] = Field(default=None)
            tuning_batch: Optional[int] = Field(default=None)
            tuning_rate: Optional[float] = Field(default=None)

        class GenerateConfigDict(TypedDict, total=False):
            top_p: Optional[float]

        GenerateConfigOrDict = Union[GenerateConfig, GenerateConfigDict]

        class _GenerateParameters(_common.BaseModel):
            model: Optional[str] = Field(default=None)
            parts: Optional[list[Part]] = Field(default=None)
            config: Optional[GenerateConfig] = Field(default=None)

        class GenerateResponse(_common.BaseModel):
            finish_reason: Optional[FinishReason] = Field(default=None)
            first_part: Optional['Part'] = Field(default=None)
        """,
    "google/genai/models.py": """
        from typing import Any, Optional, Union
        from . import types

        def _Part_to_mldev(from_object, parent_object=None):
          to_object: dict[str, Any] = {}
          if getv(from_object, ['text']) is not None:
            setv(to_object, ['text'], getv(from_object, ['text']))
          if getv(from_object, ['media_type']) is not None:
            raise ValueError('media_type parameter is only supported in the other backend')
          return to_object

        def _GenerateConfig_to_mldev(from_object, parent_object=None):
          to_object: dict[str, Any] = {}
          if getv(from_object, ['top_p']) is not None:
            setv(to_object, ['topP'], getv(from_object, ['top_p']))
          if getv(from_object, ['safety']) is not None:
            setv(parent_object, ['safetySetting'], getv(from_object, ['safety']))
          if getv(from_object, ['page_size']) is not None:
            setv(parent_object, ['_query', 'pageSize'], getv(from_object, ['page_size']))
          if getv(from_object, ['tuning_batch']) is not None:
            setv(parent_object, ['tuningSpec', 'batchSize'], getv(from_object, ['tuning_batch']))
          if getv(from_object, ['tuning_rate']) is not None:
            setv(parent_object, ['tuningSpec', 'rate'], getv(from_object, ['tuning_rate']))
          if getv(from_object, ['labels']) is not None:
            raise ValueError('labels parameter is only supported in the other backend')
          return to_object

        def _GenerateConfig_to_vertex(from_object, parent_object=None):
          to_object: dict[str, Any] = {}
          if getv(from_object, ['top_p']) is not None:
            setv(to_object, ['topP'], getv(from_object, ['top_p']))
          if getv(from_object, ['labels']) is not None:
            setv(parent_object, ['labels'], getv(from_object, ['labels']))
          return to_object

        def _GenerateParameters_to_mldev(api_client, from_object, parent_object=None):
          to_object: dict[str, Any] = {}
          if getv(from_object, ['model']) is not None:
            setv(to_object, ['_url', 'model'], t.t_model(api_client, getv(from_object, ['model'])))
          if getv(from_object, ['parts']) is not None:
            setv(to_object, ['parts'], [_Part_to_mldev(item, to_object) for item in getv(from_object, ['parts'])])
          if getv(from_object, ['config']) is not None:
            setv(
                to_object,
                ['generationConfig'],
                _GenerateConfig_to_mldev(getv(from_object, ['config']), to_object),
            )
          return to_object

        def _GenerateParameters_to_vertex(api_client, from_object, parent_object=None):
          to_object: dict[str, Any] = {}
          if getv(from_object, ['model']) is not None:
            setv(to_object, ['_url', 'model'], getv(from_object, ['model']))
          if getv(from_object, ['parts']) is not None:
            setv(to_object, ['parts'], getv(from_object, ['parts']))
          if getv(from_object, ['config']) is not None:
            setv(
                to_object,
                ['generationConfig'],
                _GenerateConfig_to_vertex(getv(from_object, ['config']), to_object),
            )
          return to_object

        class Models(_api_module.BaseModule):

          def _generate(
              self, *, model: str, parts: list[types.PartOrDict], config: Optional[types.GenerateConfigOrDict] = None
          ) -> types.GenerateResponse:
            parameter_model = types._GenerateParameters(model=model, parts=parts, config=config)
            if self._api_client.vertexai:
              request_dict = _GenerateParameters_to_vertex(self._api_client, parameter_model)
              request_url_dict = request_dict.get('_url')
              if request_url_dict:
                path = '{model}:generate'.format_map(request_url_dict)
              else:
                path = '{model}:generate'
            else:
              request_dict = _GenerateParameters_to_mldev(self._api_client, parameter_model)
              request_url_dict = request_dict.get('_url')
              if request_url_dict:
                path = '{model}:generate'.format_map(request_url_dict)
              else:
                path = '{model}:generate'
            query_params = request_dict.get('_query')
            if query_params:
              path = f'{path}?{urlencode(query_params)}'
            response = self._api_client.request('post', path, request_dict)
            if self._api_client.vertexai:
              response_dict = _GenerateResponse_from_vertex(response_dict)
            return types.GenerateResponse._from_response(response=response_dict)

          def upload(self, *, name: str) -> types.Part:
            if self._api_client.vertexai:
              raise ValueError('This method is only supported in the other backend.')
            path = 'upload/{api_version}/files'
            return self._api_client.request('post', path, {})

        class AsyncModels(_api_module.BaseModule):
          async def _generate(self) -> types.GenerateResponse:
            path = 'never'
            return await self._api_client.async_request('post', path, {})
        """,
    "google/genai/client.py": """
        from .models import Models

        class Client:
          @property
          def models(self) -> Models:
            return self._models
        """,
    "google/genai/_api_client.py": """
        import os
        import httpx

        DEFAULT_VERSION = 'v1'

        class BaseApiClient:
          def __init__(self, vertexai=None, api_key=None):
            self.vertexai = vertexai
            if self.vertexai:
              self._http_options.base_url = f'https://{self.location}-aiplatform.example.com/'
              env_api_version = os.environ.get('GENAI_API_VERSION', None)
              self._http_options.api_version = (
                  'v1beta1' if not env_api_version or env_api_version == 'beta' else env_api_version
              )
            else:
              self._http_options.base_url = 'https://generative.example.com/'
              env_api_version = os.environ.get('GENAI_API_VERSION', None)
              self._http_options.api_version = (
                  'v1beta' if env_api_version == 'beta' else (env_api_version or DEFAULT_VERSION)
              )
            self._http_options.headers['x-goog-api-key'] = self.api_key

          def request(self, http_method, path, request_dict):
            http_request = self._build_request(http_method, path, request_dict)
            http_request.headers['Authorization'] = f'Bearer {self._access_token()}'
        """,
    f"{_NEXT_GENERATION}/__init__.py": "",
    f"{_NEXT_GENERATION}/agents.py": """
        from typing import Optional
        from . import models
        from .types import agent as agents

        class Agents(BaseSDK):
            def create(self, *, id: Optional[str] = None, api_version: Optional[str] = None) -> agents.Agent:
                request = models.CreateAgentRequest(api_version=api_version, body=agents.Agent(id=id))
                req = self._build_request(
                    method="POST",
                    path="/{api_version}/agents",
                    request=request,
                    request_body_required=True,
                )
                return req

            def list(self, *, page_size: Optional[int] = None) -> agents.AgentList:
                request = models.ListAgentsRequest(page_size=page_size)
                return self._build_request(method="GET", path="/{api_version}/agents", request=request)

        class AsyncAgents(BaseSDK):
            async def create(self) -> agents.Agent:
                return self._build_request_async(method="POST", path="/never")
        """,
    f"{_NEXT_GENERATION}/models.py": """
        import pydantic
        from typing import Optional
        from typing_extensions import Annotated
        from .types import agent as agents
        from .types.basemodel import BaseModel
        from .utils import FieldMetadata, PathParamMetadata, QueryParamMetadata, RequestMetadata

        class CreateAgentRequest(BaseModel):
            body: Annotated[agents.Agent, FieldMetadata(request=RequestMetadata(media_type="application/json"))]
            api_version: Annotated[Optional[str], FieldMetadata(path=PathParamMetadata(style="simple"))] = None

        class ListAgentsRequest(BaseModel):
            page_size: Annotated[
                Optional[int],
                pydantic.Field(alias="pageSize"),
                FieldMetadata(query=QueryParamMetadata(style="form")),
            ] = None
        """,
    f"{_NEXT_GENERATION}/types/__init__.py": "",
    f"{_NEXT_GENERATION}/types/basemodel.py": """
        from pydantic import BaseModel as PydanticBaseModel

        class BaseModel(PydanticBaseModel): ...

        class UnrecognizedStr(str): ...
        """,
    f"{_NEXT_GENERATION}/types/model.py": """
        from typing import Literal, Union
        from .basemodel import UnrecognizedStr

        Model = Union[Literal["gen-4-flash", "gen-4-pro"], UnrecognizedStr]
        """,
    f"{_NEXT_GENERATION}/types/agent.py": """
        import pydantic
        from functools import partial
        from pydantic.functional_validators import AfterValidator, BeforeValidator
        from typing import List, Literal, Optional, Union
        from typing_extensions import Annotated, NotRequired, TypeAliasType, TypedDict
        from .basemodel import BaseModel

        class CodeTool(BaseModel):
            type: Annotated[
                Annotated[Literal["code"], AfterValidator(validate_const("code"))], pydantic.Field(alias="type")
            ] = "code"

        class SearchTool(BaseModel):
            query: Optional[str] = None
            type: Annotated[
                Annotated[Literal["search"], AfterValidator(validate_const("search"))], pydantic.Field(alias="type")
            ] = "search"

        class UnknownTool(BaseModel):
            raw: object

        Tool = Annotated[
            Union[CodeTool, SearchTool, UnknownTool],
            BeforeValidator(partial(parse_open_union, disc_key="type", unknown_cls=UnknownTool)),
        ]

        class AgentParam(TypedDict):
            id: NotRequired[str]

        class Agent(BaseModel):
            id: Optional[str] = None
            tools: Optional[List[Tool]] = None

        AgentList = TypeAliasType("AgentList", List[Agent])
        """,
}
