"""Call a ChatGPT-plan (Codex) or API-key model, stream its answer, and know exactly why a call failed.

>>> from openclaw_core.testing import Server
>>> with Server() as server, server.client() as client:
...     with client.stream("Say hello", model="gpt-5.4") as stream:
...         text = "".join(stream.text_deltas())
...     print(stream.get_final_response().finish_reason)
stop

`Client` and `AsyncClient` ask; `diagnose()` says what is wrong; `openclaw_core.auth` signs in and looks after the logins;
`openclaw_core.config` judges and repairs an `openclaw.json`; `openclaw_core.testing.Server` is a whole backend on loopback for
tests of your own;
`python -m openclaw_core --help` is a small command line.
"""

from __future__ import annotations

from . import _native, auth, config
from ._client import AsyncClient, Client
from ._diagnose import Diagnosis, LoginState, Verdict, diagnose, diagnose_async
from ._errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    Attempt,
    AuthenticationError,
    AuthExpiredError,
    BadRequestError,
    BillingError,
    BlockedError,
    CallCancelledError,
    ClosedError,
    ConfigError,
    ConflictError,
    ContentPolicyError,
    ContextOverflowError,
    DNSError,
    ForkedError,
    GatewayTimeoutError,
    InternalServerError,
    Issue,
    ModelNotFoundError,
    NotFoundError,
    OpenClawError,
    OverloadedError,
    PanicError,
    PermissionDeniedError,
    ProxyError,
    RateLimitError,
    SourceError,
    StoreError,
    StreamTruncatedError,
    TLSError,
    UnknownError,
    UnprocessableEntityError,
    UsageLimitError,
    classify,
    error_from_dict,
)
from ._events import (
    Completed,
    Created,
    Event,
    Opened,
    OutputItemAdded,
    OutputItemDone,
    RateLimitsEvent,
    RawEvent,
    Retrying,
    WarningEvent,
    event_from_dict,
)
from ._native import ReasoningDelta, ReasoningSummaryDelta, RefusalDelta, TextDelta, ToolInputDelta, build_info
from ._stream import AsyncResponseStream, ResponseStream
from ._types import (
    Item,
    Login,
    ModelInfo,
    PlanUsage,
    Response,
    ToolCall,
    Usage,
    assistant,
    developer,
    function_tool,
    image,
    response_from_dict,
    tool_result,
    user,
)

__version__: str = _native.__version__

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncClient",
    "AsyncResponseStream",
    "Attempt",
    "AuthExpiredError",
    "AuthenticationError",
    "BadRequestError",
    "BillingError",
    "BlockedError",
    "CallCancelledError",
    "Client",
    "ClosedError",
    "Completed",
    "ConfigError",
    "ConflictError",
    "ContentPolicyError",
    "ContextOverflowError",
    "Created",
    "DNSError",
    "Diagnosis",
    "Event",
    "ForkedError",
    "GatewayTimeoutError",
    "InternalServerError",
    "Issue",
    "Item",
    "Login",
    "LoginState",
    "ModelInfo",
    "ModelNotFoundError",
    "NotFoundError",
    "OpenClawError",
    "Opened",
    "OutputItemAdded",
    "OutputItemDone",
    "OverloadedError",
    "PanicError",
    "PermissionDeniedError",
    "PlanUsage",
    "ProxyError",
    "RateLimitError",
    "RateLimitsEvent",
    "RawEvent",
    "ReasoningDelta",
    "ReasoningSummaryDelta",
    "RefusalDelta",
    "Response",
    "ResponseStream",
    "Retrying",
    "SourceError",
    "StoreError",
    "StreamTruncatedError",
    "TLSError",
    "TextDelta",
    "ToolCall",
    "ToolInputDelta",
    "UnknownError",
    "UnprocessableEntityError",
    "Usage",
    "UsageLimitError",
    "Verdict",
    "WarningEvent",
    "__version__",
    "assistant",
    "auth",
    "build_info",
    "classify",
    "config",
    "developer",
    "diagnose",
    "diagnose_async",
    "error_from_dict",
    "event_from_dict",
    "function_tool",
    "image",
    "response_from_dict",
    "tool_result",
    "user",
]


def _after_fork() -> None:
    import sys

    _native.after_fork()
    loops = sys.modules.get(f"{__name__}._loop")
    if loops is not None:
        loops.forget()


def _watch_the_process() -> None:
    import atexit
    import os

    atexit.register(_native.shutdown)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)


_watch_the_process()
