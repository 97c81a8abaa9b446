"""What the platform asks its scoring process, and what that answers: one JSON line each."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from blueprint.errors import BlueprintError
from blueprint.metrics.measures import Flag, Measure
from blueprint.metrics.specification import Problem


class ProtocolError(BlueprintError):
    """A line is not what the other side may say."""


@dataclass(frozen=True)
class CaseFiles:
    """The files of one case; `reference` only where scores are made."""

    id: str
    image: str
    """The input whose grid the prediction must have."""
    prediction: str
    reference: str = ""


@dataclass(frozen=True)
class Validate:
    """Judge the predictions below `folder` and put copies of the good ones below `keep`."""

    cases: tuple[CaseFiles, ...]
    """`prediction` is the path below `folder`, and below `keep`."""
    folder: str
    keep: str
    labels: tuple[int, ...]
    max_file_bytes: int
    quote: bool
    """Whether what is wrong may be quoted from the files (see `VolumeError.found`)."""
    op: Literal["validate"] = "validate"


@dataclass(frozen=True)
class Score:
    """Score kept predictions; an empty `prediction` is a missing case."""

    problem: Problem
    cases: tuple[CaseFiles, ...]
    measures: tuple[Measure, ...]
    ignore: tuple[int, ...] = ()
    """Values of a reference whose voxels are left out of every metric."""
    op: Literal["score"] = "score"


@dataclass(frozen=True)
class About:
    """A case, and the rest of a sentence about its file."""

    case_id: str
    text: str


@dataclass(frozen=True)
class Validation:
    """What `Validate` found: every case is kept, missing or bad."""

    kept: tuple[str, ...]
    missing: tuple[str, ...]
    bad: tuple[About, ...]
    extra: tuple[str, ...]
    """Paths that are no case's prediction, at most 100."""
    unusable: tuple[About, ...] = ()
    """Images of the organizers that cannot be used: for the organizers alone."""
    op: Literal["validation"] = "validation"


@dataclass(frozen=True)
class Row:
    """One value: of a metric, in a region, on a case."""

    case_id: str
    metric: str
    region: str
    value: FiniteFloat  # NaN would be stored as NULL, and rank as anything
    flag: Flag


@dataclass(frozen=True)
class Scores:
    """What `Score` found."""

    rows: tuple[Row, ...]
    unusable: tuple[About, ...] = ()
    """Images and references that cannot be used: for the organizers alone."""
    op: Literal["scores"] = "scores"


@dataclass(frozen=True)
class Failure:
    """The question could not be answered, by no fault of the files it names."""

    text: str
    op: Literal["failure"] = "failure"


Question = Validate | Score
Answer = Validation | Scores | Failure
_QUESTIONS: TypeAdapter[Question] = TypeAdapter(Annotated[Question, Field(discriminator="op")])
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="op")])


def encode_question(question: Question) -> bytes:
    """Return a question as one line."""
    return _QUESTIONS.dump_json(question) + b"\n"


def decode_question(line: bytes) -> Question:
    """Return the question in a line.

    Raises:
        ProtocolError: The line is no question.
    """
    try:
        return _QUESTIONS.validate_json(line)
    except ValidationError as error:
        raise ProtocolError(f"not a question: {error}") from None


def encode_answer(answer: Answer) -> bytes:
    """Return an answer as one line."""
    return _ANSWERS.dump_json(answer) + b"\n"


def decode_answer(line: bytes) -> Answer:
    """Return the answer in a line; values are finite and flags are known.

    Raises:
        ProtocolError: The line is no answer.
    """
    try:
        return _ANSWERS.validate_json(line, strict=True)
    except ValidationError:
        raise ProtocolError("the scoring process gave no valid answer") from None
