"""Images that participants bring: what they declare, and what they are made to hold back."""

from pathlib import Path

from blueprint.evaluate.containers.engine import DockerEngine
from blueprint.evaluate.engine import Job, Limits, Outcome, run_to_end
from tests.stack.engine.private_engine import PrivateEngine, busybox_image

NONCE = "0123456789abcdef"


def run(
    engine: DockerEngine, image: str, scratch: Path, *, script: str | None = None
) -> tuple[Outcome, Path]:
    for name in ("input", "output"):
        (scratch / name).mkdir(exist_ok=True)
    (scratch / "input" / "case.txt").write_text("scan")
    job = Job(
        name="3-1-all", argv=() if script is None else ("/bin/sh", "-c", script), code=None,
        inputs=scratch / "input", output=scratch / "output",
        limits=Limits(1, 64, 60, 8, tmp_mib=8, files=100), nonce=NONCE, image=image,
    )  # fmt: skip
    outcome = run_to_end(engine, job, cancelled=lambda: False)
    assert outcome.ended != "engine-error", outcome.detail
    return outcome, scratch / "output"


def test_an_image_runs_its_own_command_as_nobody(
    docker: PrivateEngine, hardened: DockerEngine, scratch: Path
) -> None:
    image = busybox_image(
        docker, "bring:1", "USER 0", "ENV LD_PRELOAD=/evil.so NVIDIA_VISIBLE_DEVICES=all",
        'ENTRYPOINT ["/bin/sh", "-c"]', 'CMD ["id; env; cat /input/case.txt >/output/mask"]',
    )  # fmt: skip

    outcome, output = run(hardened, image, scratch)

    lines = outcome.log.decode().splitlines()
    assert outcome.exit_code == 0, lines
    assert lines[0].startswith("uid=65534 gid=65534")
    assert "LD_PRELOAD=" in lines
    assert "NVIDIA_VISIBLE_DEVICES=void" in lines
    assert (output / "mask").read_text() == "scan"


def test_declared_volumes_are_small_and_leave_nothing_behind(
    docker: PrivateEngine, hardened: DockerEngine, scratch: Path
) -> None:
    image = busybox_image(docker, "bring:2", "VOLUME /data /output /tmp /input")

    outcome, output = run(
        hardened, image, scratch,
        script="for place in /data /tmp /output; do"
        " dd if=/dev/zero of=$place/block bs=1M count=40 2>/dev/null && echo filled $place; done;"
        " rm /output/block; touch /input/x || echo closed; cat /input/case.txt > /output/mask",
    )  # fmt: skip

    assert outcome.exit_code == 0, outcome.log
    assert outcome.log.endswith(b"closed\n")
    assert b"filled" not in outcome.log
    assert {path.name for path in output.iterdir()} == {"mask"}
    assert docker.docker("volume", "ls", "-q") == ""


def test_a_set_user_id_program_in_an_image_gives_no_rights(
    docker: PrivateEngine, hardened: DockerEngine, scratch: Path
) -> None:
    image = busybox_image(docker, "bring:3", setuid=True)

    outcome, _ = run(hardened, image, scratch, script="id; mount -t tmpfs none /tmp; cat /etc/x")

    assert outcome.log.startswith(b"uid=65534 gid=65534")
    assert b"euid=0" not in outcome.log
    assert outcome.exit_code != 0


def test_labels_of_an_image_make_no_container_ours(
    docker: PrivateEngine, hardened: DockerEngine
) -> None:
    image = busybox_image(
        docker, "bring:4", f"LABEL org.diychallenge.nonce={NONCE}", 'CMD ["/bin/sleep", "300"]'
    )
    foreign = docker.docker("run", "-d", "--network", "none", "--name", "foreign", image)

    assert hardened.find(NONCE) == []

    assert docker.docker("ps", "-q", "--no-trunc") == foreign
    docker.docker("rm", "-f", foreign)


def test_a_command_that_is_not_there_is_the_participants_fault(
    docker: PrivateEngine, hardened: DockerEngine, scratch: Path
) -> None:
    image = busybox_image(docker, "bring:5", 'ENTRYPOINT ["/bin/nothing"]')

    outcome, _ = run(hardened, image, scratch)

    assert (outcome.ended, outcome.exit_code) == ("exited", 127)
