"""Talks to a Docker engine on this machine: the only module that does.

Everything goes in and comes out as plain data. What an engine refuses is a `ToolError`; an engine
that cannot be asked is an `EngineAwayError`, so that callers can wait for it to come back.
"""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from blueprint.errors import ToolError

if TYPE_CHECKING:
    from docker import APIClient

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
ADDRESS_VARIABLE = "DOCKER_HOST"
_TIMEOUT_S = 180.0
_CONNECT_S = 10.0
_GONE = 404
_CONFLICT = 409
_Answer = TypeVar("_Answer")


class EngineAwayError(ToolError):
    """The engine does not answer: it is not there, has stopped, or may not be asked."""


class RefusedError(ToolError):
    """The engine answered that it will not, or cannot."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class NameTakenError(RefusedError):
    """A container of this name exists already."""


def engine_address() -> str:
    """Return where the engine is asked: DOCKER_HOST, or the usual socket."""
    return os.environ.get(ADDRESS_VARIABLE) or DEFAULT_SOCKET


class DockerEngineApi:
    """One Docker engine; safe to share between threads, each of which has a connection."""

    def __init__(self, address: str | None = None, *, timeout_s: float = _TIMEOUT_S) -> None:
        """Set where the engine is; nothing is asked yet.

        Args:
            address: By default DOCKER_HOST, or the usual socket.
            timeout_s: How long one answer may take.
        """
        self.address = address or engine_address()
        self._timeout_s = timeout_s
        self._local = threading.local()

    def info(self) -> Mapping[str, Any]:
        """Return what the engine says of itself, as `docker info` shows it."""
        return dict(self._ask(lambda client: client.info()))

    def create(self, name: str, settings: Mapping[str, Any]) -> str:
        """Create a container and return its id.

        Raises:
            NameTakenError: There is one of this name.
        """
        wanted = dict(settings)
        return str(
            self._ask(lambda client: client.create_container_from_config(wanted, name))["Id"]
        )

    def start(self, container: str) -> None:
        """Start a container that was created."""
        self._ask(lambda client: client.start(container))

    def inspect(self, container: str) -> Mapping[str, Any] | None:
        """Return all about a container by name or id, or None when there is none."""
        found: Mapping[str, Any] | None
        found = self._ask_or(lambda client: client.inspect_container(container), None, _GONE)
        return found

    def labelled(self, label: str) -> list[Mapping[str, Any]]:
        """Return a line about each container, running or not, that has `key=value` as label."""
        return list(self._ask(lambda client: client.containers(all=True, filters={"label": label})))

    def kill(self, container: str) -> None:
        """Kill a container; one that has ended or is gone is no error."""
        self._ask_or(lambda client: client.kill(container), None, _GONE, _CONFLICT)

    def remove(self, container: str) -> None:
        """End a container and remove it with its volumes; one that is gone is no error."""
        self._ask_or(
            lambda client: client.remove_container(container, v=True, force=True), None, _GONE
        )

    def follow(
        self, container: str, take: Callable[[bytes], bool], ready: Callable[[], None]
    ) -> None:
        """Hand over what a container prints from now on, until it ends or `take` has enough.

        `ready` is called as soon as nothing can be missed any more.
        """

        def listen(client: "APIClient") -> None:
            from docker.utils.socket import frames_iter  # noqa: PLC0415 (see `_ask`)

            wanted = {"stdout": 1, "stderr": 1, "stream": 1}
            with closing(client.attach_socket(container, params=wanted)) as connection:
                ready()
                for _, chunk in frames_iter(connection, tty=False):
                    if not take(chunk):
                        break
                connection._response.close()  # noqa: SLF001 (else its socket stays open)

        self._ask_or(listen, None, _GONE, _CONFLICT)
        self._forget()

    def log(self, container: str, take: Callable[[bytes], None]) -> None:
        """Hand over what the engine kept of a container's log, oldest first."""

        def read(client: "APIClient") -> None:
            for chunk in client.logs(container, stdout=True, stderr=True, stream=True):
                take(chunk)

        self._ask_or(read, None, _GONE)

    def memory_bytes(self, container: str) -> int:
        """Return the most memory that a running container is known to have held; 0: unknown."""

        def look(client: "APIClient") -> int:
            stats = client.stats(container, decode=None, stream=False, one_shot=True)
            memory = stats.get("memory_stats") or {}
            return max(int(memory.get("max_usage") or 0), int(memory.get("usage") or 0))

        return self._ask_or(look, 0, _GONE, _CONFLICT)

    def events(self, container: str) -> list[str]:
        """Return what happened to a container (its id), as this engine remembers it.

        An engine that was restarted remembers nothing of before.
        """

        def read(client: "APIClient") -> list[str]:
            now = datetime.fromisoformat(client.info()["SystemTime"])  # by the engine's own clock
            filters, until = {"container": [container]}, f"{now.timestamp():.6f}"
            found = client.events(since="0", until=until, filters=filters, decode=True)
            return [str(event["Action"]) for event in found]

        return self._ask(read)

    def image(self, reference: str) -> Mapping[str, Any] | None:
        """Return all about an image by name or digest, or None when the engine has none."""
        found: Mapping[str, Any] | None
        found = self._ask_or(lambda client: client.inspect_image(reference), None, _GONE)
        return found

    def import_image(self, archive: str, repository: str, tag: str, changes: list[str]) -> None:
        """Make an image of one layer from a tar archive on this disk."""
        self._ask(lambda one: one.import_image_from_file(archive, repository, tag, changes))

    def _ask(self, question: "Callable[[APIClient], _Answer]") -> _Answer:
        """Return the engine's answer, or turn what goes wrong into an error of ours."""
        from docker import errors  # noqa: PLC0415 (an extra; loaded only where it is used)
        from requests.exceptions import RequestException  # noqa: PLC0415 (comes with it)
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 (the same)

        try:
            return question(self._client())
        except errors.APIError as error:
            self._forget()
            raise _refusal(error) from error
        except (KeyError, ValueError) as error:
            raise ToolError(f"the Docker engine answered what nobody expects: {error}") from error
        except (errors.DockerException, RequestException, HTTPError, OSError, EOFError) as error:
            self._forget()
            raise away(self.address, error) from error

    def _ask_or(
        self, question: "Callable[[APIClient], _Answer]", instead: _Answer, *allowed: int
    ) -> _Answer:
        """Return the engine's answer, or `instead` when it refuses with one of these codes."""
        try:
            return self._ask(question)
        except RefusedError as error:
            if error.status not in allowed:
                raise
            return instead

    def _client(self) -> "APIClient":
        _demand_listener(self.address)
        client = getattr(self._local, "client", None)
        if client is None:
            from docker import APIClient  # noqa: PLC0415 (see above)

            client = APIClient(base_url=self.address, version="auto", timeout=self._timeout_s)
            self._local.client = client
        return client

    def _forget(self) -> None:
        """Drop this thread's connection: the next question opens another."""
        client = getattr(self._local, "client", None)
        self._local.client = None
        if client is not None:
            client.close()


def away(address: str, error: BaseException) -> EngineAwayError:
    """Return why an engine cannot be asked, and what to do."""
    said = str(error)
    place = address.removeprefix("unix://")
    if "Permission denied" in said:
        return EngineAwayError(
            f"this account may not use the Docker engine at {place}",
            hint="add the account to the group docker (`sudo usermod -aG docker $USER`, then log "
            "in again); who may use the engine is as good as root on this machine",
        )
    if "No such file" in said or "FileNotFound" in said:
        return EngineAwayError(
            f"there is no Docker engine at {place}",
            hint="install one (`sudo apt-get install docker.io`) and start it (`sudo systemctl "
            f"start docker`), or name its socket in {ADDRESS_VARIABLE}",
        )
    if "Connection refused" in said:
        return EngineAwayError(
            f"no Docker engine listens at {place}", hint="start it: `sudo systemctl start docker`"
        )
    return EngineAwayError(
        f"the Docker engine at {place} does not answer: {_first_line(said)}",
        hint="look at it with `docker info` and `systemctl status docker`",
    )


def _demand_listener(address: str) -> None:
    """Refuse an address where nothing listens: the package would leave its socket open.

    Raises:
        EngineAwayError: It is not a socket of this machine, whose folders an engine has to see.
        OSError: Nothing listens there, or we may not connect.
    """
    scheme, _, path = address.partition("://")
    if scheme != "unix":
        raise EngineAwayError(
            f"the Docker engine at {address} is not on this machine",
            hint=f"name a socket in {ADDRESS_VARIABLE}, for instance {DEFAULT_SOCKET}",
        )
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(_CONNECT_S)
        trial.connect(path)


def missing_package() -> str:
    """Return what is missing on our side to talk to an engine at all; empty when nothing is."""
    from importlib.util import find_spec  # noqa: PLC0415 (only asked where an engine is chosen)

    if find_spec("docker") is None:
        return "the Python package docker is not installed"
    return ""


def _refusal(error: Any) -> RefusedError:  # noqa: ANN401 (docker.errors.APIError has no types)
    said, status = _first_line(str(error.explanation or error)), int(error.status_code or 0)
    if status == _CONFLICT and "is already in use" in said:
        return NameTakenError(said, status)
    return RefusedError(f"the Docker engine refused: {said}", status)


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:300]
