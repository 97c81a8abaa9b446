"""What a deploy to servers would change, read like a code review: added, changed, removed.

Two stored plans are compared (what a bundle's plan.json holds). Beside each change stands what it
costs: containers that start anew, services that read their files again, data that is lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from blueprint.plan.difference import differences

Stored = Mapping[str, Any]
"""`plan`, `files` and `containers`, as a bundle's plan.json has them."""
_LISTS = {
    "containers": "container", "networks": "network", "volumes": "volume", "binds": "file",
    "ports": "port", "secrets": "secret", "secret_uses": "secret of a container",
    "accounts": "account", "buckets": "bucket", "repositories": "repository", "dns": "DNS name",
    "openings": "firewall opening", "transfers": "data to bring",
}  # fmt: skip
"""Each list of a service, and what one entry of it is called."""
_NAMES = {
    "volumes": ("name", "container"), "binds": ("container", "mount"),
    "ports": ("container", "port"), "secret_uses": ("secret", "container"),
    "accounts": ("kind", "name"), "openings": ("port", "source"), "transfers": ("destination",),
}  # fmt: skip
"""By which keys entries of a list are told apart, where it is not the name alone."""


@dataclass(frozen=True)
class Change:
    """One thing that would be added, changed or removed."""

    sign: Literal["+", "~", "-"]
    place: str
    """`challenge.yaml`, `images`, or `HOST` and `HOST/SERVICE`."""
    what: str


@dataclass(frozen=True)
class Review:
    """All that a deploy would change."""

    changes: tuple[Change, ...]
    restarts: tuple[str, ...]
    """Containers that start anew, `HOST/SERVICE/CONTAINER`."""
    reloads: tuple[str, ...]
    """Services that read their files again without a break, `HOST/SERVICE`."""
    losses: tuple[str, ...]
    """What would be lost, in words."""

    @property
    def has_changes(self) -> bool:
        """False where what is deployed is what is wanted."""
        return bool(self.changes)


def review(before: Stored | None, after: Stored) -> Review:
    """Return what would change from one stored plan to the other.

    Args:
        before: What is deployed; None where nothing is.
        after: What is wanted.
    """
    if before is None:
        return Review(tuple(_first(after)), (), (), ())
    old, new = before["plan"], after["plan"]
    changes = [
        *_in_file(old, new), *_in_images(old, new), *_in_hosts(old, new),
        *_in_files(before["files"], after["files"]),
    ]  # fmt: skip
    restarts, reloads = _restarts(before, after)
    return Review(tuple(changes), restarts, reloads, tuple(_losses(old, new)))


def _first(after: Stored) -> Iterator[Change]:
    for host in after["plan"]["hosts"]:
        yield Change("+", host["name"], f"host at {host['address']}")
        for service in host["services"]:
            yield Change("+", f"{host['name']}/{service['name']}", service["title"])


def _in_file(old: Stored, new: Stored) -> Iterator[Change]:
    for one in differences("", old["challenge"], new["challenge"]):
        sign: Literal["+", "~", "-"] = "~"
        if one.before is None or one.after is None:
            sign = "+" if one.before is None else "-"
        yield Change(sign, "challenge.yaml", str(one))
    if old["software"] != new["software"]:
        yield Change("~", "diychallenge", f"version {old['software']} -> {new['software']}")


def _in_images(old: Stored, new: Stored) -> Iterator[Change]:
    def told(image: Mapping[str, Any]) -> str:
        digest = image["digest"]
        return f"{image['repo']}:{image['tag']}{f'@{digest}' if digest else ''}"

    before = {one["name"]: told(one) for one in old["images"]}
    after = {one["name"]: told(one) for one in new["images"]}
    yield from _compared("images", "image", before, after)


def _in_hosts(old: Stored, new: Stored) -> Iterator[Change]:
    before = {one["name"]: one for one in old["hosts"]}
    after = {one["name"]: one for one in new["hosts"]}
    for name in _either(before, after):
        if name not in before or name not in after:
            host = after.get(name) or before[name]
            sign: Literal["+", "-"] = "+" if name not in before else "-"
            yield Change(sign, name, f"host at {host['address']}")
        else:
            for key in ("address", "user", "roles", "gpus"):
                if before[name][key] != after[name][key]:
                    was, becomes = _told(before[name][key]), _told(after[name][key])
                    yield Change("~", name, f"{key}: {was} -> {becomes}")
        yield from _in_services(name, before.get(name), after.get(name))


def _in_services(host: str, old: Stored | None, new: Stored | None) -> Iterator[Change]:
    before = {one["name"]: one for one in (old or {"services": []})["services"]}
    after = {one["name"]: one for one in (new or {"services": []})["services"]}
    for name in _either(before, after):
        place = f"{host}/{name}"
        if name not in before:
            yield Change("+", place, after[name]["title"])
        elif name not in after:
            yield Change("-", place, before[name]["title"])
        else:
            for key, word in _LISTS.items():
                was, becomes = _entries(before[name], key), _entries(after[name], key)
                yield from _compared(place, word, was, becomes)


def _in_files(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for path in _either(before, after):
        _, host, service, *inside = path.split("/")
        place, name = f"{host}/{service}", "/".join(inside)
        if path not in before:
            yield Change("+", place, f"file {name}")
        elif path not in after:
            yield Change("-", place, f"file {name}")
        elif before[path] != after[path]:
            yield Change("~", place, f"file {name}")


def _compared(
    place: str, word: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    for name in _either(before, after):
        if name not in before:
            yield Change("+", place, f"{word} {name}")
        elif name not in after:
            yield Change("-", place, f"{word} {name}")
        elif before[name] != after[name]:
            details = _details(before[name], after[name])
            yield Change("~", place, f"{word} {name}: {details}")


def _details(before: Any, after: Any) -> str:  # noqa: ANN401 (JSON values)
    if not isinstance(before, Mapping):
        return f"{_told(before)} -> {_told(after)}"
    keys = [key for key in after if before.get(key) != after[key]]
    return ", ".join(f"{key} {_told(before.get(key))} -> {_told(after[key])}" for key in keys)


def _entries(service: Stored, key: str) -> dict[str, Any]:
    names = _NAMES.get(key, ("name",))
    return {" ".join(str(one[name]) for name in names): one for one in service[key]}


def _restarts(before: Stored, after: Stored) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the containers that start anew, and the services that only read again."""
    was, becomes = before["containers"], after["containers"]
    anew = {name for name in was if name in becomes and was[name] != becomes[name]}
    reloads = set()
    services = {
        f"{host['name']}/{service['name']}": service
        for host in after["plan"]["hosts"]
        for service in host["services"]
    }
    for path, digest in after["files"].items():
        _, host, service, *inside = path.split("/")
        place = f"{host}/{service}"
        is_edited = before["files"].get(path, digest) != digest
        if not is_edited or inside == ["compose.yaml"]:
            continue
        if services[place]["on_change"] == "reload":
            reloads.add(place)
        else:
            readers = _readers(services[place], "/".join(inside))
            anew |= {name for one in readers if (name := f"{place}/{one}") in was}
    return tuple(sorted(anew)), tuple(sorted(reloads))


def _readers(service: Stored, path: str) -> set[str]:
    """Return the containers that see a file of their service's tree."""
    return {
        one["container"]
        for one in service["binds"]
        if path == one["source"] or path.startswith(f"{one['source']}/")
    }


def _losses(old: Stored, new: Stored) -> Iterator[str]:
    if old["challenge"]["challenge"]["id"] != new["challenge"]["challenge"]["id"]:
        yield (
            f"the id of the challenge changes: all that '{old['challenge']['challenge']['id']}'"
            " holds stays behind, and the new one begins empty"
        )
        return
    after = {host["name"]: host for host in new["hosts"]}
    for host in old["hosts"]:
        held, there = _data(host), _data(after.get(host["name"]))
        for name, holds in held.items():
            if name not in there:
                yield f"volume {name} on {host['name']} would no longer be used: {holds}"
        other = after.get(host["name"])
        if other is not None and held and other["address"] != host["address"]:
            yield (
                f"{host['name']} becomes another machine ({other['address']}): what lies on"
                f" {host['address']} stays there, and the new one begins empty"
            )
    yield from _lost_buckets(old, new)
    yield from _lost_databases(old, new)


def _data(host: Stored | None) -> dict[str, str]:
    return {
        volume["name"]: volume["holds"]
        for service in (host or {"services": []})["services"]
        for volume in service["volumes"]
        if volume["kind"] == "data"
    }


def _lost_buckets(old: Stored, new: Stored) -> Iterator[str]:
    was, becomes = (one["challenge"]["server"]["object_store"] for one in (old, new))
    if was != becomes:
        yield "the object store becomes another one: what lies in the old one is not moved"


def _lost_databases(old: Stored, new: Stored) -> Iterator[str]:
    tags = [
        next((one["tag"] for one in plan["images"] if one["name"] == "postgres"), "")
        for plan in (old, new)
    ]
    majors = [tag.partition(".")[0] for tag in tags]
    if all(majors) and majors[0] != majors[1]:
        yield (
            f"PostgreSQL {majors[1]} does not read the files of {majors[0]}: dump and restore the"
            " databases first"
        )


def _either(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [*after, *(name for name in before if name not in after)]


def _told(value: Any) -> str:  # noqa: ANN401 (JSON values)
    if isinstance(value, list):
        return "[" + ", ".join(_told(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_told(item)}" for key, item in value.items()) + "}"
    return "none" if value is None else str(value)
