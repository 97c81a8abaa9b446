"""A participant's browser without pictures: it follows links, reads forms and posts them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import httpx

from blueprint.errors import BlueprintError

_TIMEOUT_S = 30.0


@dataclass
class Form:
    """A form of a page: where it goes, and its fields with the values they came with."""

    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What the browser shows: the address it ended at, the status, the text, the forms."""

    url: str
    status: int
    html: str

    @property
    def text(self) -> str:
        """The visible words of the page, blanks folded."""
        reader = _Text()
        reader.feed(self.html)
        return " ".join(" ".join(reader.words).split())

    @property
    def forms(self) -> list[Form]:
        """Every form of the page, in order."""
        reader = _Forms()
        reader.feed(self.html)
        return reader.forms

    def form(self, action: str) -> Form:
        """Return the form that posts to the path `action`.

        Raises:
            BlueprintError: The page has none.
        """
        for form in self.forms:
            if httpx.URL(self.url).join(form.action or self.url).path == action:
                return form
        raise BlueprintError(f"{self.url}: no form for {action}: {self.text[:300]}")


class Browser:
    """One person's session: cookies are kept, redirects are followed, hidden fields are sent."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(
            base_url=base_url, follow_redirects=True, timeout=_TIMEOUT_S, trust_env=False
        )

    def __enter__(self) -> Self:
        """Return the browser itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its connections."""
        self._client.close()

    def get(self, path: str) -> Page:
        """Open a page."""
        return _page(self._client.get(path))

    def get_json(self, path: str) -> dict[str, object]:
        """Return the JSON document at `path`, as a page's script would read it."""
        document = self._client.get(path, headers={"Accept": "application/json"}).json()
        if not isinstance(document, dict):
            raise BlueprintError(f"{path}: not a JSON object")
        return document

    def get_text(self, path: str) -> str:
        """Return a plain file of the site."""
        response = self._client.get(path)
        response.raise_for_status()
        return response.text

    def submit(self, path: str, values: Mapping[str, str], *, action: str | None = None) -> Page:
        """Open the page at `path`, fill in its form (for `action`, else `path`) and send it.

        Raises:
            BlueprintError: The form has no field of a name in `values`.
        """
        page = self.get(path)
        form = page.form(action or path)
        unknown = sorted(set(values) - set(form.fields))
        if unknown:
            raise BlueprintError(f"{path}: the form has no field {', '.join(unknown)}")
        target = httpx.URL(page.url).join(form.action or page.url)
        return _page(self._client.post(target, data={**form.fields, **values}))


def _page(response: httpx.Response) -> Page:
    return Page(str(response.url), response.status_code, response.text)


class _Forms(HTMLParser):
    """Collects forms with the values that a browser would send unchanged."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
            self._inside = True
        elif self._inside and tag in ("input", "textarea", "select", "button"):
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        name = values.get("name")
        if not name:
            return
        kind = values.get("type", "text")
        if tag == "button" or kind == "submit":
            self.forms[-1].fields.setdefault(name, values.get("value", ""))
        elif kind in ("checkbox", "radio"):
            self.forms[-1].fields.setdefault(name, "")
        else:
            self.forms[-1].fields[name] = values.get("value", "")
        if tag == "textarea":
            self._area = name

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = None


class _Text(HTMLParser):
    """Collects the words between the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in ("script", "style", "head")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
