"""What a form answers when its fields are at fault: all of them at once, by field."""

from collections.abc import Mapping

from blueprint.errors import InputError


class FormFaults(InputError):  # noqa: N818  # it holds faults, as ConfigFaults does
    """Fields of a form that cannot be taken as they are; nothing was changed.

    `fields` maps the name of a field to one sentence for the person who filled it in.
    """

    def __init__(self, fields: Mapping[str, str], *, hint: str | None = None) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in fields.items()), hint=hint)
        self.fields = dict(fields)
