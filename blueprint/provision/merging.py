"""Compares a document with what is wanted of it, and puts the wanted parts into it.

Servers replace a document whole, and add fields of their own to it: what is wanted is a part.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def covers(found: object, wanted: object) -> bool:
    """Tell whether a document says everything that is wanted of it; what else it says is free.

    A wanted None is a field that must be absent. Lists of texts compare as sets, as servers give
    them in any order; of lists of named things every wanted one must be there.
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            covers(found.get(key), value) for key, value in wanted.items()
        )
    if _is_named(wanted):
        by_name = _by_name(found)
        return all(covers(by_name.get(one["name"]), one) for one in wanted)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        if not isinstance(found, Sequence) or isinstance(found, str):
            return not wanted
        return sorted(map(str, found)) == sorted(map(str, wanted))
    return bool(found == wanted)


def differing(found: object, wanted: Mapping[str, Any]) -> list[str]:
    """Return the fields that are not as wanted, in order of their names."""
    has = found if isinstance(found, Mapping) else {}
    return sorted(key for key, value in wanted.items() if not covers(has.get(key), value))


def merged(found: object, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found with all that is wanted in it, and nothing else changed."""
    has = dict(found) if isinstance(found, Mapping) else {}
    both = {**has, **{key: _put(has.get(key), value) for key, value in wanted.items()}}
    return {key: value for key, value in both.items() if value is not None or key not in wanted}


def _put(found: object, wanted: object) -> object:
    if isinstance(wanted, Mapping):
        return merged(found, wanted)
    if _is_named(wanted):
        by_name = _by_name(found)
        both = {**by_name, **{one["name"]: merged(by_name.get(one["name"]), one) for one in wanted}}
        return list(both.values())
    return list(wanted) if isinstance(wanted, tuple) else wanted


def _is_named(value: object) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return (
        isinstance(value, Sequence)
        and len(value) > 0
        and all(isinstance(one, Mapping) and "name" in one for one in value)
    )


def _by_name(found: object) -> dict[str, Mapping[str, Any]]:
    return {one["name"]: one for one in found} if _is_named(found) else {}
