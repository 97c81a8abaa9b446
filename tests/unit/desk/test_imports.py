"""What the platform does not load unless it is asked to: an idle one stays small."""

import subprocess
import sys

from blueprint.resources import package_folder


def test_an_idle_platform_loads_neither_the_client_nor_the_api_of_evaluation_hosts() -> None:
    code = "import sys, blueprint.serve.platform_process; print(*sys.modules)"

    said = subprocess.run(
        [sys.executable, "-P", "-c", code], env={"PYTHONPATH": str(package_folder().parent)},
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout.split()  # fmt: skip

    assert "blueprint.serve.lifetime" in said
    assert not {"httpx", "blueprint.serve.runners", "blueprint.desk.http_desk"} & set(said)


def test_an_evaluation_host_loads_no_database() -> None:
    code = (
        "import sys, blueprint.evaluate.host, blueprint.desk.http_desk, blueprint.evaluate.engines,"
        " blueprint.evaluate.sandbox.engine; print(*sys.modules)"
    )

    said = subprocess.run(
        [sys.executable, "-P", "-c", code], env={"PYTHONPATH": str(package_folder().parent)},
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout.split()  # fmt: skip

    assert "blueprint.evaluate.stages" in said
    assert not {"sqlalchemy", "blueprint.database", "blueprint.platform", "numpy"} & set(said)
