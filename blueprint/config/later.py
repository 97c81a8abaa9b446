"""Words of the vocabulary that nothing in force uses yet: faults that say so, and what to do."""

from blueprint.config.vocabulary import Later, Pattern
from blueprint.metrics.specs import SPECS

_LEAVE_OUT = Later("leave it out; a later version will read it")
_ONLY_DOCKER = Later("use `engine: {kind: docker}`, or leave it out")


def _secret(name: str) -> Later:
    return Later(
        f"take it out, and put it into the file {name} of the secrets folder;"
        " `diychallenge plan` names them all",
        problem="a secret never stands in this file",
        is_secret=True,
    )


LATER_KEYS: dict[Pattern, Later] = {
    ("server", "identity"): Later(
        "leave it out: Keycloak is brought up, and people register there"
    ),
    ("server", "backup"): _LEAVE_OUT,
    ("server", "mail", "password"): _secret("mail-password"),
    ("server", "tls", "eab", "hmac_key"): _secret("tls-eab-hmac-key"),
    ("server", "object_store", "access_key"): _secret("objects-access-key"),
    ("server", "object_store", "secret_key"): _secret("objects-secret-key"),
    ("server", "monitoring"): _LEAVE_OUT,
    ("server", "engine", "partition"): _ONLY_DOCKER,
    ("server", "engine", "account"): _ONLY_DOCKER,
    ("engine",): Later("write it under `embedded:` or `server:`"),
    ("mail",): Later("leave it out: mail is written to the outbox folder of the state folder"),
    ("privacy",): _LEAVE_OUT,
    ("challenge", "part_of"): _LEAVE_OUT,
    ("people", "agreements", "*", "for"): Later("leave it out: every participant accepts it"),
    ("tasks", "*", "cases", "table"): Later("leave it out: each folder of inputs/ is a case"),
    ("tasks", "*", "cases", "strata"): _LEAVE_OUT,
    ("tasks", "*", "metrics", "*", "output"): Later("leave it out: a task has one output"),
    ("phases", "*", "weights"): Later("leave it out, and commit the weights with the code"),
}
"""Keys to what one does without them; secrets, which never have one, are among them."""

_ONLY_SEGMENTATION = Later("use `semantic-segmentation`")
_PLANNED_METRICS = {"assd", "hd", "iou", "masd", "nsd"} - {spec.id for spec in SPECS}
_ONLY_METRICS = Later(f"use one of {', '.join(spec.id for spec in SPECS)}")
_ONLY_PRESETS = Later("use `per-case-ranks`, `mean-of-ranks`, or write the steps out")

LATER_VALUES: dict[Pattern, dict[str, Later]] = {
    ("server", "engine", "kind"): {
        "slurm": _ONLY_DOCKER,
        "kubernetes": _ONLY_DOCKER,
        "process": Later("use `kind: docker`: the process sandbox is for the embedded target"),
    },
    ("people", "agreements", "*", "signature"): {"upload": Later("use `signature: checkbox`")},
    ("data", "releases", "*", "audience"): {"public": Later("use `audience: approved`")},
    ("tasks", "*", "problem"): {
        "instance-segmentation": _ONLY_SEGMENTATION,
        "classification": _ONLY_SEGMENTATION,
        "detection": _ONLY_SEGMENTATION,
        "keypoints": _ONLY_SEGMENTATION,
        "registration": _ONLY_SEGMENTATION,
        "regression": _ONLY_SEGMENTATION,
    },
    ("tasks", "*", "metrics", "*", "id"): dict.fromkeys(_PLANNED_METRICS, _ONLY_METRICS),
    ("tasks", "*", "metrics", "*", "definition"): {
        "surfel": Later("use `definition: max-directed` or `definition: pooled`"),
    },
    ("tasks", "*", "missing"): {"last-rank": Later("use `missing: worst`")},
    ("tasks", "*", "ranking"): {
        "decathlon": _ONLY_PRESETS,
        "fets-2": _ONLY_PRESETS,
        "jfr-2019": _ONLY_PRESETS,
        "phakir-phases": _ONLY_PRESETS,
    },
    ("phases", "*", "submission", "*"): {
        "image": Later("use `code` or `predictions`; images need a registry to be pushed to"),
    },
    ("phases", "*", "contract"): {
        "grand-challenge": Later("use `contract: native`"),
        "medperf": Later("use `contract: native`"),
        "phakir": Later("use `contract: native`"),
    },
}
"""Values to what one writes until then; `{}` is any mapping."""
