"""Finds the GPUs that an engine can give out, and gives each to one run at a time."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from blueprint.errors import ToolError
from blueprint.evaluate.containers.settings import Gpus

_KIND = "nvidia.com/gpu"
_DRIVER = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True)
class Devices:
    """The GPUs of this machine, and how the engine is asked for one."""

    ids: tuple[str, ...]
    cdi: bool


def find_devices(info: Mapping[str, Any], driver: Path = _DRIVER) -> Devices:
    """Return the GPUs that an engine can give out.

    The names of the Container Device Interface are used where the engine reads such files; the
    older request, by number, where it has NVIDIA's runtime instead.

    Args:
        info: What the engine says of itself.
        driver: Where NVIDIA's driver lists its devices.
    """
    folders = [Path(folder) for folder in info.get("CDISpecDirs") or ()]
    named = _names_in(folders)
    if named:
        return Devices(named, cdi=True)
    count = len(list(driver.iterdir())) if driver.is_dir() else 0
    if "nvidia" not in (info.get("Runtimes") or {}):
        count = 0
    return Devices(tuple(str(number) for number in range(count)), cdi=False)


class GpuPool:
    """Which devices are held by which container; safe to share between threads."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._held: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def take(self, holder: str, count: int) -> Gpus:
        """Give `count` devices to a container.

        Raises:
            ToolError: So many are not free.
        """
        with self._lock:
            taken = {device for held in self._held.values() for device in held}
            free = [device for device in self._devices.ids if device not in taken]
            if len(free) < count:
                raise ToolError(
                    f"{count} GPUs are asked for, {len(free)} of {len(self._devices.ids)} are free"
                )
            if count:
                self._held[holder] = tuple(free[:count])
            return Gpus(tuple(free[:count]), self._devices.cdi)

    def hold(self, holder: str, devices: tuple[str, ...]) -> None:
        """Note what a container of before a restart holds."""
        with self._lock:
            if devices:
                self._held[holder] = devices

    def give_back(self, holder: str) -> None:
        """Take the devices of a container back; idempotent."""
        with self._lock:
            self._held.pop(holder, None)


def _names_in(folders: list[Path]) -> tuple[str, ...]:
    found: set[str] = set()
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else []:
            if path.suffix in (".yaml", ".yml", ".json"):
                found |= _names_of(path)
    numbered = {name for name in found if name.isdecimal()}
    # The same device may be listed by number and by serial number, and `all` is all of them.
    return tuple(sorted(numbered, key=int)) or tuple(sorted(found - {"all"}))


def _names_of(path: Path) -> set[str]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return set()
    if not isinstance(document, dict) or document.get("kind") != _KIND:
        return set()
    return {str(device["name"]) for device in document.get("devices") or () if "name" in device}
