"""Two hosts as an admin has them: reached by SSH alone, with an engine that works."""

import json

from tests.stack.bench.images import ensure_images, reference

COMPOSE = """
services:
  web:
    image: {image}
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    user: "101:101"
    tmpfs: ["/tmp", "/var/cache/nginx:uid=101"]
    mem_limit: 64m
    ports: ["80:8080"]
    configs: [{{source: conf, target: /etc/nginx/nginx.conf}}]
    healthcheck: {{test: [CMD, curl, -fsS, "http://127.0.0.1:8080"], interval: 1s}}
configs:
  conf:
    file: ./nginx.conf
"""
NGINX = "pid /tmp/pid; events {} http { server { listen 8080; return 200 hello; } }"


def test_systemd_runs_with_no_failed_unit(hosts):
    for host in hosts:
        assert host.ssh("systemctl", "is-system-running").strip() == "running"
        assert host.ssh("hostname").strip() == host.name


def test_the_account_is_an_ordinary_one_that_may_sudo(hosts):
    for host in hosts:
        assert host.ssh("id", "-un").strip() == "deploy"
        assert host.ssh("sudo", "-n", "id", "-un").strip() == "root"


def test_the_hosts_reach_each_other_by_address(hosts):
    public, evaluation = hosts

    banner = public.ssh(
        f"bash -c 'exec 3<>/dev/tcp/{evaluation.address}/22; read -r -t 20 -u 3 line; echo $line'"
    )

    assert banner.startswith("SSH-2.0-OpenSSH")


def test_compose_waits_until_a_stand_in_is_healthy(hosts, engine):
    public, evaluation = hosts
    (nginx,) = ensure_images(engine, ["nginx"])
    public.load([reference(nginx)])
    public.ssh("mkdir -p web && cat > web/compose.yaml",
               stdin=COMPOSE.format(image=reference(nginx)).encode())  # fmt: skip
    public.ssh("cat > web/nginx.conf", stdin=NGINX.encode())

    public.ssh("cd web && sudo docker compose up --detach --wait --pull never")

    seen = evaluation.ssh(
        f"python3 -c 'import urllib.request as r; print(r.urlopen(\"http://{public.address}\").read())'"
    )
    assert seen.strip() == "b'hello'"
    public.reboot()
    listed = json.loads(public.ssh("cd web && sudo docker compose ps --all --format json"))
    assert listed["Service"] == "web"
    public.ssh("cd web && sudo docker compose down")


def test_memory_limits_hold_inside_a_host(hosts):
    _, evaluation = hosts
    evaluation.ssh("sudo docker info --format '{{.MemoryLimit}} {{.Driver}}'")

    said = evaluation.ssh("sudo docker info --format '{{.MemoryLimit}} {{.PidsLimit}} {{.Driver}}'")

    assert said.split() == ["true", "true", "overlay2"]
