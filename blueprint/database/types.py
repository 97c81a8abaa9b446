"""Column types: moments are stored as UTC text that sorts as time does."""

from datetime import UTC, datetime

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Moment(TypeDecorator[datetime]):
    """An aware datetime as ISO 8601 UTC text of fixed width: text order is time order."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        """Return the text to store; a naive datetime is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        return value.astimezone(UTC).strftime(_FORMAT)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        """Return the stored moment, aware and in UTC."""
        if value is None:
            return None
        return datetime.strptime(value, _FORMAT).replace(tzinfo=UTC)
