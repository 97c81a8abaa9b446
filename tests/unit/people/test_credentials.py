"""SSH keys and git tokens: what is taken, shown, rotated, revoked."""

import base64
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from blueprint.database.schema import git_tokens
from blueprint.errors import InputError, NotFoundError
from blueprint.people.approval import revoke
from blueprint.people.forms import FormFaults
from blueprint.people.git_tokens import (
    TokenLogin,
    issue_token,
    list_tokens,
    revoke_token,
    rotate_token,
    token_login,
)
from blueprint.people.person import Person
from blueprint.people.public_keys import parse_public_key
from blueprint.people.ssh_keys import add_key, list_keys, person_of_key, remove_key
from blueprint.platform import Platform


def _wire(name: str, *parts: bytes) -> str:
    fields = (name.encode(), *parts)
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in fields)
    return base64.b64encode(blob).decode()


def _ed25519(seed: int = 0) -> str:
    # Any 32 bytes are a public key as far as the format goes.
    return f"ssh-ed25519 {_wire('ssh-ed25519', bytes(range(seed, seed + 32)))} ada@laptop"


def _rsa(bits: int) -> str:
    key = rsa.generate_private_key(65537, bits).public_key()
    return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


@pytest.mark.parametrize(
    "options", [["-t", "ed25519"], ["-t", "ecdsa", "-b", "384"], ["-t", "rsa", "-b", "3072"]]
)
def test_keys_of_ssh_keygen_are_taken_with_its_fingerprint(
    tmp_path: Path, options: list[str]
) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed, so its keys cannot be tried here")
    argv = ["ssh-keygen", "-q", *options, "-N", "", "-C", "ada@host", "-f", str(tmp_path / "key")]
    subprocess.run(argv, check=True)
    public = tmp_path / "key.pub"
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(public)], check=True, capture_output=True, text=True
    ).stdout

    key = parse_public_key(public.read_text())

    assert key.fingerprint == told.split()[1]
    assert key.comment == "ada@host"
    assert f"{key.text} ada@host\n" == public.read_text()


def test_the_fingerprint_is_the_one_that_ssh_keygen_prints() -> None:
    # Recorded from `ssh-keygen -l` of OpenSSH 9.2 on this very line.
    key = parse_public_key(_ed25519())

    assert key.fingerprint == "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "exactly one line"),
        ("ssh-ed25519 AAAA\nssh-ed25519 AAAA", "exactly one line"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", "is a private key"),
        (f"ssh-dss {_wire('ssh-dss', b'1')}", "is a DSA key"),
        ("sk-ssh-ed25519@openssh.com AAAA", "not in this version"),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", "is a certificate"),
        ('command="sh" ssh-ed25519 AAAA', "must begin with one of"),
        ("ssh-ed25519", "it says ssh-ed25519"),
        ("ssh-ed25519 !!!", "not base64"),
        ("ssh-ed25519 \u00e4\u00e4\u00e4\u00e4", "not base64"),
        (f"ssh-ed25519 {_wire('ssh-rsa', bytes(32))}", "holds something else"),
        (f"ssh-ed25519 {_wire('ssh-ed25519', bytes(31))}", "does not hold a whole key"),
        (f"ecdsa-sha2-nistp256 {_wire('ecdsa-sha2-nistp256', b'nistp256', b'4' * 65)}",
         "does not hold a whole key"),
        ("ssh-ed25519 " + "A" * 5000, "longer than 4096"),
        (f"ssh-rsa {_wire('ssh-rsa', b'3', b'9' * 2)}", "RSA key of"),
    ],
)  # fmt: skip
def test_what_is_no_good_key_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_public_key(text)


def test_short_rsa_keys_are_refused() -> None:
    with pytest.raises(InputError, match="RSA key of 2048 bits; taken are 3072 to 8192"):
        parse_public_key(_rsa(2048))


def test_a_key_belongs_to_one_person(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada, bob = enrol("ada"), enrol("bob")
    key = add_key(platform.database, ada.id, _ed25519(), "", noon)

    assert key.label == "ada@laptop"
    assert list_keys(platform.database, ada.id) == [key]
    with platform.database.read() as connection:
        assert person_of_key(connection, "ada", key.fingerprint) == ada.id
        assert person_of_key(connection, "bob", key.fingerprint) is None
    with pytest.raises(FormFaults, match="in your list already"):
        add_key(platform.database, ada.id, _ed25519(), "", noon)
    with pytest.raises(FormFaults, match="cannot be used"):
        add_key(platform.database, bob.id, _ed25519(), "", noon)


def test_a_key_is_removed_by_its_owner_alone(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada, bob = enrol("ada"), enrol("bob")
    key = add_key(platform.database, ada.id, _ed25519(), "laptop", noon)

    with pytest.raises(NotFoundError):
        remove_key(platform.database, bob.id, key.id, noon)
    remove_key(platform.database, ada.id, key.id, noon)

    assert list_keys(platform.database, ada.id) == []


def test_nobody_has_more_than_twenty_keys(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol("ada")
    for seed in range(20):
        add_key(platform.database, ada.id, _ed25519(seed), "", noon)

    with pytest.raises(FormFaults, match="20 keys"):
        add_key(platform.database, ada.id, _ed25519(20), "", noon)


def test_a_token_is_good_for_its_owner_until_revoked(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada, bob = enrol("ada"), enrol("bob")
    token, record = issue_token(platform.database, ada.id, "laptop", noon)

    assert token.startswith("dct_")
    assert len(token) == 47
    assert token_login(platform.database, "ada", token, noon) == TokenLogin(ada, record.id)
    for username, tried in [("bob", token), ("ada", token[:-1]), ("ada", ""), ("", token)]:
        assert token_login(platform.database, username, tried, noon) is None
    with pytest.raises(NotFoundError):
        revoke_token(platform.database, bob.id, record.id, noon)
    revoke_token(platform.database, ada.id, record.id, noon)
    assert token_login(platform.database, "ada", token, noon) is None
    with pytest.raises(NotFoundError):
        revoke_token(platform.database, ada.id, record.id, noon)


def test_of_a_token_only_the_hash_is_stored(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    token, _ = issue_token(platform.database, enrol("ada").id, "laptop", noon)

    with platform.database.read() as connection:
        row = connection.execute(select(git_tokens)).one()

    assert all(token not in str(value) for value in row)


def test_rotating_ends_the_old_token_and_keeps_the_label(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol("ada")
    old, record = issue_token(platform.database, ada.id, "laptop", noon)

    new, renewed = rotate_token(platform.database, ada.id, record.id, noon)

    assert token_login(platform.database, "ada", old, noon) is None
    assert token_login(platform.database, "ada", new, noon) == TokenLogin(ada, renewed.id)
    assert [token.label for token in list_tokens(platform.database, ada.id)] == ["laptop"]
    assert renewed.id != record.id


def test_the_last_use_is_noted_by_the_minute(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol("ada")
    token, _ = issue_token(platform.database, ada.id, "laptop", noon)

    for seconds in (0, 30, 59):
        moment = noon + timedelta(seconds=seconds)
        token_login(platform.database, "ada", token, moment)
        assert list_tokens(platform.database, ada.id)[0].last_used_at == noon
    later = noon + timedelta(seconds=60)
    token_login(platform.database, "ada", token, later)
    assert list_tokens(platform.database, ada.id)[0].last_used_at == later


def test_nobody_has_more_than_ten_tokens(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol("ada")
    for _ in range(10):
        issue_token(platform.database, ada.id, "laptop", noon)

    with pytest.raises(FormFaults, match="10 tokens"):
        issue_token(platform.database, ada.id, "laptop", noon)
    with pytest.raises(FormFaults, match="label"):
        issue_token(platform.database, ada.id, " ", noon)


def test_a_revoked_person_has_no_good_token(
    platform: Platform, enrol: Callable[..., Person], noon: datetime
) -> None:
    ada = enrol("ada")
    token, _ = issue_token(platform.database, ada.id, "laptop", noon)

    revoke(platform, "ada", by="olga", now=noon)

    assert token_login(platform.database, "ada", token, noon) is None
