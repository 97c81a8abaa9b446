"""`python -m tests.stack.bench stop|clean`: end what a killed run left; remove the cache."""

import sys

from tests.stack.bench import cache
from tests.stack.bench.engine import remove_engine, stop, the_engine

_USAGE = "usage: python -m tests.stack.bench stop|clean"


def main(words: list[str]) -> int:
    """End the engine of this cache; `clean` removes its images and everything built as well."""
    if words not in (["stop"], ["clean"]):
        print(_USAGE, file=sys.stderr)  # noqa: T201
        return 2
    engine = the_engine()
    stop(engine)
    if words == ["clean"]:
        remove_engine(engine)
        cache.remove(cache.CACHE)
        print(f"removed {cache.CACHE}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
