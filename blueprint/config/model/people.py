"""Who may take part: registration, questions, agreements, teams."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from blueprint.config.model.base import PAGE, Closes, Line, Opens, Section, Slug


class Registration(Section):
    """When people may register, and who lets them in."""

    opens: Opens
    closes: Closes
    approval: Literal["manual", "automatic"] = "manual"


class Question(Section):
    """One more field of the registration form."""

    id: Slug
    label: Line
    required: Annotated[bool, Field(strict=True)] = False


class Agreement(Section):
    """Terms that a person accepts before approval; a new version asks again."""

    id: Slug
    version: Annotated[int, Field(strict=True, ge=1)] = 1
    page: Annotated[str, StringConstraints(pattern=PAGE)]
    """A Markdown file below `challenge.pages`."""
    signature: Literal["checkbox"] = "checkbox"


class Teams(Section):
    """How teams are made up."""

    max_members: Annotated[int, Field(strict=True, ge=1, le=100)] = 5


class People(Section):
    """Everything about the people who take part."""

    registration: Registration | None = None
    """None: open while any phase is."""
    questions: Annotated[tuple[Question, ...], Field(max_length=30)] = ()
    agreements: Annotated[tuple[Agreement, ...], Field(max_length=10)] = ()
    teams: Teams = Teams()
