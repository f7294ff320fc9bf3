"""The web: one GET, with an end to its patience, its appetite and its trust."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from urllib.parse import urlsplit

from pytest_energy.errors import LiveError

LARGEST = 1_000_000
"""Bytes of an answer that are read; the true ones have a few hundred."""

_LOCAL = {"localhost", "127.0.0.1", "::1"}
_WHY = {
    401: "it does not accept the key",
    403: "the key may not ask for this",
    404: "it does not know this place",
    429: "it was asked too often",
}


class Web(Protocol):
    """Fetches JSON."""

    def get(self, url: str, headers: Mapping[str, str]) -> Any:
        """Return what a server answers, as JSON values.

        Raises:
            LiveError: It is down, slow, refuses, or what it answers is no JSON; says which.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWeb:
    """A web for tests, which answers what it was told.

    Attributes:
        answers: JSON values by URL.
        asked: What it was asked: URL and headers.
    """

    answers: Mapping[str, Any]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def get(self, url: str, headers: Mapping[str, str]) -> Any:
        """Return the answer for a URL; see ``Web``."""
        self.asked.append((url, headers))
        if url not in self.answers:
            raise LiveError(f"{_shown(url)} answered HTTP 404: {_WHY[404]}")
        return self.answers[url]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the key would be told to whom the answer names."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Let the redirection stand as the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWeb:
    """The web over HTTPS.

    Attributes:
        timeout_s: Time in s within which all of an answer must be there, from the look-up of the name on.
    """

    timeout_s: float = 5.0

    def get(self, url: str, headers: Mapping[str, str]) -> Any:
        """Return what a server answers, as JSON values; see ``Web``."""
        _require_safe(url)
        answers: SimpleQueue[bytes | LiveError] = SimpleQueue()
        # A thread, for urllib's time-out holds for each packet, and for the look-up of a name there is none.
        threading.Thread(target=lambda: answers.put(self._fetch(url, headers)), daemon=True).start()
        try:
            answer = answers.get(timeout=self.timeout_s)
        except Empty:
            raise LiveError(f"{_shown(url)} did not answer within {self.timeout_s:g} s") from None
        if isinstance(answer, LiveError):
            raise answer
        return _json(answer, url)

    def _fetch(self, url: str, headers: Mapping[str, str]) -> bytes | LiveError:
        """Return an answer, or why there is none: an error must not end in the thread."""
        request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - only http and https come here
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout_s) as response:
                body: bytes = response.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            with error:
                why = _WHY.get(error.code, "that is no answer that can be used")
                return LiveError(f"{_shown(url)} answered HTTP {error.code}: {why}")
        except ValueError:
            # Not its text: it holds the header, and with it the key.
            return LiveError(f"{_shown(url)} is not asked: its key holds characters that no header may hold")
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            return LiveError(f"{_shown(url)} cannot be reached: {reason}")
        if len(body) > LARGEST:
            return LiveError(f"{_shown(url)} answered more than {LARGEST:,} bytes")
        return body


def _require_safe(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return
    raise LiveError(f"{_shown(url)} is not asked: keys travel over https only")


def _json(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        shown = body[:40].decode("utf-8", "replace")
        raise LiveError(f"{_shown(url)} did not answer in JSON but {shown!r}") from error


def _shown(url: str) -> str:
    """Name a server and a path; a user's name before the server may be a secret."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
