"""A plan becomes a bundle: what `ansible-playbook` needs, readable, stable, without a secret."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from blueprint.plan.server import HostPlan, ServerPlan, ServicePlan
from blueprint.render.sources import Sources
from blueprint.render.templating import Templates

_TEMPLATE = ".j2"
PLAN = "plan.json"
Files = dict[str, str]
"""Path in the bundle to text."""


def render(plan: ServerPlan, sources: Sources, *, project: Mapping[str, str]) -> Files:
    """Return every file of the bundle.

    Args:
        plan: What is put in force.
        sources: Templates, stacks and roles.
        project: challenge.yaml and its pages, path to text, as the portal reads them.

    Raises:
        InputError: A value of challenge.yaml cannot be said in a file that needs it.
    """
    templates = Templates({**sources.templates, **dict(_below("compose", sources.compose))}, plan)
    files: Files = dict(_below("roles", sources.roles))
    files.update(_tree(templates, sources.templates, "bundle", ""))
    for image in plan.images:
        if image.base is not None:
            where = f"images/{image.name}"
            files.update(_tree(templates, sources.templates, where, where, image=image))
    for host in plan.hosts:
        for service in host.services:
            files.update(_service(templates, sources, host, service, project))
    files["images.lock.yaml"] = _lock(plan)
    files[PLAN] = _stored(plan, files)
    return dict(sorted(files.items()))


def read_stored(text: str) -> dict[str, Any]:
    """Return the document that a bundle's plan.json holds.

    Raises:
        ValueError: It holds something else.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != 1:
        raise ValueError("is no plan of this version")
    return document


def _service(
    templates: Templates,
    sources: Sources,
    host: HostPlan,
    service: ServicePlan,
    project: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    below = f"hosts/{host.name}/{service.name}"
    if service.containers:
        name = f"compose/{service.name}.yaml{_TEMPLATE}"
        yield f"{below}/compose.yaml", templates.render_stack(name, host, service)
    yield from _tree(templates, sources.templates, service.name, below, host=host, service=service)
    sees_project = sorted({one.source for one in service.binds if one.source == "project"})
    for folder in sees_project:
        yield from ((f"{below}/{folder}/{path}", text) for path, text in project.items())


def _tree(
    templates: Templates, sources: Mapping[str, str], source: str, to: str, **seen: object
) -> Iterator[tuple[str, str]]:
    """Yield the files that the templates below `source` make; what is no template is copied."""
    for path, text in sources.items():
        if path.startswith(f"{source}/"):
            inside = path.removeprefix(f"{source}/")
            where = f"{to}/{inside}" if to else inside
            is_template = path.endswith(_TEMPLATE)
            yield (
                where.removesuffix(_TEMPLATE),
                templates.render(path, **seen) if is_template else text,
            )


def _below(folder: str, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"{folder}/{path}", text) for path, text in files.items())


def _lock(plan: ServerPlan) -> str:
    images = [
        {"name": one.name, "repo": one.repo, "tag": one.tag, "digest": one.digest}
        for one in plan.images
    ]
    return yaml.safe_dump({"images": images}, sort_keys=False, width=1000)


def _stored(plan: ServerPlan, files: Files) -> str:
    """Return plan.json: the plan, and a digest of each file and container that a host has."""
    of_hosts = {path: text for path, text in files.items() if path.startswith("hosts/")}
    document = {
        "format": 1,
        "plan": plan.as_document(),
        "files": {path: _digest(text) for path, text in sorted(of_hosts.items())},
        "containers": dict(_containers(of_hosts)),
    }
    return json.dumps(document, indent=1, ensure_ascii=True, sort_keys=True) + "\n"


def _containers(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each container, `host/service/name`, with the digest of what Compose is told of it."""
    for path, text in sorted(files.items()):
        folder, _, name = path.rpartition("/")
        if name == "compose.yaml" and folder.count("/") == 2:  # noqa: PLR2004 (hosts/HOST/SERVICE)
            for container, said in sorted(yaml.safe_load(text)["services"].items()):
                yield f"{folder.removeprefix('hosts/')}/{container}", _digest(json.dumps(said))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
