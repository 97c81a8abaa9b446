"""The connection to an S3 server: bounded waits, its own certificates, and its errors in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import urllib3
from minio import Minio
from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from blueprint.errors import BlueprintError, ConflictError, InputError, NotFoundError, ToolError
from blueprint.objects.port import AccessDeniedError, LockedError, StoreUnreachableError

_CONNECT_S = 5.0
_READ_S = 60.0
_RETRIES = 3
_CONNECTIONS = 16
_HIDDEN = re.compile(r"[^\x20-\x7e]+")
_MAX_WORDS = 200
_LOCKED = re.compile(r"object lock|\bWORM\b")
_GONE = {"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "MethodNotAllowed"}
"""A version that is a mark of deletion answers with the last of them."""
_NO_VERSION = {"BadRequest", "InvalidArgument", "InvalidVersionId"}
_NO_ENTRY = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"}
_IN_THE_WAY = {
    "XMinioParentIsObject", "XMinioObjectExistsAsDirectory", "ObjectParentIsFile",
    "ExistingObjectIsDirectory", "ObjectExistsAsDirectory",
}  # fmt: skip


@dataclass(frozen=True)
class S3Key:
    """A credential of an S3 server; no message and no log ever shows the secret."""

    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class S3Address:
    """Where an S3 server is: `https://host[:port]`, or http inside a network of our own."""

    endpoint: str
    region: str = "us-east-1"
    ca_file: Path | None = None
    """Certificates of the authorities to trust; None: those that everybody trusts."""

    @property
    def host(self) -> str:
        """The host with its port.

        Raises:
            InputError: The endpoint is no such address.
        """
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise InputError(
                f"{self.endpoint!r}: is no address of an S3 server",
                hint="write it as https://s3.example.org, with a port where it needs one",
            )
        return parts.netloc

    @property
    def is_secure(self) -> bool:
        """Tell whether it is reached by TLS."""
        return urlsplit(self.endpoint).scheme == "https"


class S3Client(Minio):
    """The `minio` package's client, with one question more."""

    def version_page(self, bucket: str, query: dict[str, str]) -> bytes:
        """Return a page of the list of versions as the server wrote it.

        The package cannot read the times of every server in it (versitygw writes nanoseconds).
        """
        response = self._execute("GET", bucket, query_params={"versions": "", **query})
        return bytes(response.data)


def connect(address: S3Address, key: S3Key, *, pool: urllib3.PoolManager | None = None) -> S3Client:
    """Return a client; nothing is asked yet.

    Args:
        address: Where.
        key: As whom.
        pool: Connections to use; by default new ones.

    Raises:
        InputError: The endpoint is no such address.
    """
    return S3Client(
        address.host,
        access_key=key.access_key,
        secret_key=key.secret_key,
        secure=address.is_secure,
        region=address.region,  # else each bucket is asked for it, which is a right of its own
        http_client=pool or pool_of(address),
    )


def pool_of(address: S3Address) -> urllib3.PoolManager:
    """Return connections with bounded waits that trust what the address says."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
        maxsize=_CONNECTIONS,
        cert_reqs="CERT_REQUIRED",
        ca_certs=str(address.ca_file or certifi.where()),
        retries=urllib3.Retry(
            total=_RETRIES, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]
        ),
    )


@contextmanager
def in_words(doing: str, *, version: str | None = None) -> Iterator[None]:
    """Turn what the package raises into our errors; `doing` begins the message.

    Args:
        doing: What is being done.
        version: The one that is asked for: a server may call its name a fault.

    Raises:
        NotFoundError: There is no such object or version.
        ConflictError: An object is in the way of a folder, or a folder in that of an object.
        LockedError: The version is locked.
        AccessDeniedError: The credential may not do this, or is not known.
        StoreUnreachableError: No whole answer came.
        ToolError: The server refused for another reason.
    """
    try:
        yield
    except S3Error as error:
        if version is not None and error.code in _NO_VERSION:
            raise NotFoundError(f"{doing}: there is none") from None
        if _LOCKED.search(str(error.message)):  # servers agree on no code for it
            raise LockedError(f"{doing}: it is locked") from None
        raise _refused(doing, str(error.code), str(error.message or "")) from None
    except ServerError as error:
        raise ToolError(f"{doing}: the server answered {error.status_code}") from None
    except InvalidResponseError:
        raise ToolError(f"{doing}: what answers is no S3 server") from None
    except HTTPError as error:
        raise unreachable(doing, error) from None
    except OSError as error:
        raise StoreUnreachableError(f"{doing}: {error.strerror or error}") from None


def unreachable(doing: str, error: HTTPError) -> StoreUnreachableError:
    """Return that no whole answer came, and why, as far as it is known."""
    reason = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(reason, SSLError):
        return StoreUnreachableError(
            f"{doing}: the certificate of the S3 server is not trusted: {plain(str(reason))}",
            hint="name the authority that issued it, or mend the server's certificate",
        )
    return StoreUnreachableError(
        f"{doing}: the S3 server does not answer ({type(reason).__name__})",
        hint="look whether it runs, and whether its address and port are right",
    )


def _refused(doing: str, code: str, message: str) -> BlueprintError:
    if code in _GONE:
        return NotFoundError(f"{doing}: there is none")
    if code in _IN_THE_WAY:
        return ConflictError(f"{doing}: an object and a folder cannot have the same name")
    if code in _NO_ENTRY:
        return AccessDeniedError(
            f"{doing}: the S3 server refuses it ({plain(code)})",
            hint="`diychallenge deploy` puts credentials and their rights right",
        )
    if code == "NoSuchBucket":
        return ToolError(f"{doing}: there is no such bucket", hint="run `diychallenge deploy`")
    if code == "RequestTimeTooSkewed":
        return ToolError(
            f"{doing}: the clocks of this machine and the S3 server differ by too much",
            hint="set the clock of both, for example by systemd-timesyncd",
        )
    return ToolError(f"{doing}: the S3 server says {plain(code)}: {plain(message)}")


def plain(text: str) -> str:
    """Return words of a server so that a terminal can be shown them."""
    return _HIDDEN.sub(" ", text)[:_MAX_WORDS]
