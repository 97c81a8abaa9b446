"""Holds a YAML document against a pydantic model and says everything that does not fit."""

from collections.abc import Mapping
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from blueprint.config.faults import ConfigFaults, Fault
from blueprint.config.locate import Document
from blueprint.config.translate import translate
from blueprint.config.vocabulary import Vocabulary

MAX_FAULTS = 500
"""A file of rubbish is not worth more; it keeps the time for hostile files small."""

_Model = TypeVar("_Model", bound=BaseModel)


def validate(
    document: Document,
    model: type[_Model],
    *,
    vocabulary: Vocabulary,
    context: Mapping[str, object] | None = None,
) -> _Model:
    """Return the document as a `model`.

    Raises:
        ConfigFaults: It does not fit; every fault is named.
    """
    fitting, faults = fit(document, model, vocabulary=vocabulary, context=context)
    if fitting is None:
        raise ConfigFaults(faults)
    return fitting


def fit(
    document: Document,
    model: type[_Model],
    *,
    vocabulary: Vocabulary,
    context: Mapping[str, object] | None = None,
) -> tuple[_Model | None, list[Fault]]:
    """Return the document as a `model`, or None and the faults that keep it from being one."""
    if not isinstance(document.value, dict):
        problem = "the file must be a mapping: lines of `key: value`"
        return None, [document.fault((), problem, hint=vocabulary.help(()))]
    try:
        return model.model_validate(document.value, context=dict(context or {})), []
    except ValidationError as error:
        errors = list(islice(error.errors(include_url=False), MAX_FAULTS))
        return None, list(translate(errors, document, vocabulary))
