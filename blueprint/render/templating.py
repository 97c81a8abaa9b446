"""The environment in which templates become files: strict, and nothing is written unquoted.

**What a template sees.**

* `plan` (`ServerPlan`), in every template; `challenge` is `plan.challenge`: challenge.yaml with all
  defaults as plain values (`challenge.server.mail.host`).
* `host` (`HostPlan`) and `service` (`ServicePlan`) in `compose/SERVICE.yaml.j2` and below
  `templates/SERVICE/`: for each host on which the service is.
* `image` (`Image`) below `templates/images/NAME/`.
* `reference(NAME)`: `repo:tag` of the image lock.
* `secret_path(USE)`: where the host has the copy of a secret for a container.
* In Compose files, `hardened(NAME)`: everything that bounds the container NAME, indented by four
  (image, user, limits, capabilities, mounts, health, networks, ports, logs); a template adds
  `command` and `environment`. `networks()`: the file's section of that name. `project()`: the
  project's name.
* `block(VALUE, INDENT)`: a mapping or list as YAML lines.
* Filters, one for each kind of file: `yaml`, `compose`, `ansible`, `json`, `nginx`, `sshd`,
  `shell`, `ini`, `systemd`, `markdown`, and `comment` for what follows a `#`.

**Rules.** A name that is not there is an error. A text that went through no filter is an error,
whatever is in it; numbers need none. Truth values go through one too. `a ~ b` of unquoted texts is
quoted as a whole: `{{ ("https://" ~ plan.names.auth) | yaml }}`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, Undefined
from jinja2.exceptions import TemplateError
from markupsafe import Markup

from blueprint.config.faults import shown
from blueprint.errors import BlueprintError
from blueprint.plan.server import HostPlan, ServerPlan, ServicePlan
from blueprint.render import stack
from blueprint.render.quoting import FILTERS


class RenderError(BlueprintError):
    """A template is at fault: ours, never the user's."""


class Templates:
    """Templates by name, rendered with what every one of them sees."""

    def __init__(self, sources: Mapping[str, str], plan: ServerPlan) -> None:
        """Hold the templates of `sources` (path to text) for one plan."""
        self._plan = plan
        self._environment = Environment(
            loader=DictLoader(dict(sources)),
            autoescape=True,  # macros and filters then tell quoted text apart from plain text
            undefined=StrictUndefined,
            finalize=_demand_quoted,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(FILTERS)
        self._environment.globals.clear()
        self._environment.globals.update(
            plan=plan,
            challenge=plan.challenge,
            reference=lambda name: plan.image(name).reference,
            secret_path=partial(stack.secret_path, plan),
            shared_networks=partial(stack.shared_networks, plan),
            block=_block,
        )

    def render(self, name: str, **seen: object) -> str:
        """Return the text that a template makes.

        Raises:
            RenderError: The template is at fault.
            InputError: A value of challenge.yaml cannot be said in that file.
        """
        try:
            return self._environment.get_template(name).render(**seen)
        except TemplateError as error:
            raise RenderError(f"{name}: {error.message}", hint="please report it") from error

    def render_stack(self, name: str, host: HostPlan, service: ServicePlan) -> str:
        """Return the Compose file of a service on a host."""
        plan = self._plan
        return self.render(
            name,
            host=host,
            service=service,
            hardened=lambda one: _block(
                stack.hardened(plan, service, service.container(one)), 4
            ).lstrip(),
            networks=lambda: _block({"networks": stack.networks(plan, service)}, 0),
            project=lambda: FILTERS["compose"](stack.project_name(plan, service)),
        )


def _block(value: Any, indent: int) -> Markup:  # noqa: ANN401 (JSON values)
    return Markup(stack.as_yaml(value, indent=indent))  # noqa: S704 (every scalar is quoted)


def _demand_quoted(value: object) -> object:
    if isinstance(value, Undefined | Markup):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise RenderError(
        f"{shown(str(value))} went through no quoting filter", hint="please report it"
    )
