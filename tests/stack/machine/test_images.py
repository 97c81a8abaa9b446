"""Every image of the lock that is not our own is there, under its production name."""

import pytest

from blueprint.services.images import load_images
from tests.stack.bench.engine import Engine
from tests.stack.bench.images import ensure_images, reference


@pytest.fixture(scope="module")
def images(engine):
    ensure_images(engine)
    return {image.name: reference(image) for image in load_images() if image.base is None}


def _run(engine: Engine, image: str, *words: str, options: tuple[str, ...] = ()) -> str:
    return engine.docker("run", "--rm", "--network", "none", *options, image, *words)


def test_every_image_of_the_lock_is_there(engine, images):
    assert [name for name, tag in images.items() if not engine.has_image(tag)] == []


def test_nginx_reads_a_configuration_with_a_stream(engine, images, tmp_path):
    (tmp_path / "nginx.conf").write_text(
        "pid /tmp/pid; events {}\n"
        "stream { server { listen 8443; proxy_pass 127.0.0.1:8444; ssl_preread on; } }\n"
        "http { server { listen 8080; http2 on; return 200; } }\n"
    )

    _run(engine, images["nginx"], "nginx", "-t", "-q",
         options=("--volume", f"{tmp_path}/nginx.conf:/etc/nginx/nginx.conf:ro",
                  "--user", "101:101", "--read-only", "--tmpfs", "/tmp",
                  "--tmpfs", "/var/cache/nginx:uid=101"))  # fmt: skip


def test_postgres_makes_its_user_and_database_from_a_secret_file(engine, images, tmp_path):
    (tmp_path / "password").write_text("a secret\n")
    script = (
        "docker-entrypoint.sh postgres & "
        "for i in $(seq 120); do "
        "  PGPASSWORD='a secret' psql -h $(hostname -i) -U platform -d ledger -tAc 'SELECT 40 + 2'"
        "    2>/dev/null && exit 0; sleep 0.5; done; exit 1"
    )
    said = engine.docker(
        "run", "--rm", "--user", "999:999", "--read-only", "--tmpfs", "/tmp",
        "--tmpfs", "/var/run/postgresql:uid=999", "--tmpfs", "/var/lib/postgresql/data:uid=999",
        "--volume", f"{tmp_path}/password:/run/secrets/password:ro",
        "--env", "POSTGRES_USER=platform", "--env", "POSTGRES_DB=ledger",
        "--env", "POSTGRES_PASSWORD_FILE=/run/secrets/password",
        "--entrypoint", "bash", images["postgres"], "-c", script,
    )  # fmt: skip

    assert "42" in said.split()


def test_keycloak_is_not_built_and_has_no_curl(engine, images):
    first = _run(
        engine, images["keycloak"], "-c",
        "kc=/opt/keycloak/bin/kc.sh; command -v curl; id -u; $kc --version;"
        " $kc start --optimized --hostname=http://localhost 2>&1 | tail -3",
        options=("--entrypoint", "bash"),
    )  # fmt: skip

    assert first.splitlines()[0] == "1000"
    assert "Keycloak 26.7.3" in first
    assert "--optimized" in first


def test_gitea_and_silo_are_the_versions_asked_for(engine, images):
    assert "1.27.3" in _run(engine, images["gitea"], "gitea", "--version")
    assert "minio version" in _run(engine, images["silo"], "minio", "--version")


def test_python_makes_environments_with_pip(engine, images):
    said = _run(engine, images["python"], "bash", "-c",
                "python -m venv /tmp/one && /tmp/one/bin/pip --version")  # fmt: skip

    assert "python 3.13" in said
