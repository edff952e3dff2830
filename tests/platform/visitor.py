"""A browser of a few lines: cookies, redirections, and forms as a person fills them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def choose(self, name: str, value: str) -> "Form":
        """Ticks a box or chooses a radio button of its own accord: what is not in the page cannot be sent."""
        self.fields.append((name, value))
        return self


class Page(HTMLParser):
    """What a test looks at: status, address, text, headings, forms, choices with their labels."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.status, self.address, self.body = answer.status_code, answer.url, answer.text
        self.headers = answer.headers
        self.forms: list[Form] = []
        self.choices: list[tuple[str, str]] = []
        self.role: str | None = None
        self.heading, self.text = "", ""
        self._form: Form | None = None
        self._within: list[str] = []
        self._area: str | None = None
        self.feed(self.body)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        has = dict(attributes)
        self._within.append(tag)
        if tag == "body":
            self.role = has.get("data-role")
        elif tag == "form":
            self._form = Form(urljoin(self.address, has.get("action") or self.address))
            self.forms.append(self._form)
        elif tag == "input" and has.get("type") in ("checkbox", "radio"):
            self.choices.append((has.get("name", ""), has.get("value", "on")))
            if self._form and "checked" in has:
                self._form.fields.append((has["name"], has.get("value", "on")))
        elif tag == "input" and self._form and has.get("name"):
            self._form.fields.append((has["name"], has.get("value") or ""))
        elif tag == "textarea":
            self._area = ""
            self._name = has.get("name", "")
        elif tag == "button" and self._form and has.get("name"):
            self._form.buttons.append((has["name"], has.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area is not None:
            if self._form and self._name:
                self._form.fields.append((self._name, self._area))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area += data
        within = self._within[-1] if self._within else ""
        if within == "h1" and not self.heading:
            self.heading = data.strip()
        if within not in ("script", "style"):
            self.text += data + " "

    def form_with(self, name: str) -> Form:
        """The form that has a field or a choice of this name."""
        for form in self.forms:
            if any(name == known for known, _ in form.fields + form.buttons):
                return form
        raise AssertionError(f"no form with {name} at {self.address}: {self.text[:500]}")


class Visitor:
    """Keeps every cookie for the whole of loopback, as a window of its own would."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def get(self, address: str) -> Page:
        return self._go("GET", address, None)

    def send(self, form: Form, *pressed: tuple[str, str], origin: str | None = None) -> Page:
        return self._go("POST", form.action, [*form.fields, *pressed], origin)

    def _go(self, method: str, address: str, fields: list | None, origin: str | None = None) -> Page:
        for _ in range(6):
            there = urlsplit(address)
            site = "cross-site" if origin else "same-origin"
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Sec-Fetch-Site": site}
            if method == "POST":
                headers["Origin"] = origin or f"{there.scheme}://{there.netloc}"
            answer = requests.request(method, address, data=fields, headers=headers, allow_redirects=False, timeout=20)
            answer.encoding = "utf-8"
            for line in answer.raw.headers.getlist("Set-Cookie"):
                name, _, value = line.split(";")[0].partition("=")
                self.cookies[name] = value
                if "max-age=0" in line.lower():
                    del self.cookies[name]
            if answer.status_code not in (302, 303):
                return Page(answer)
            method, address, fields = "GET", urljoin(address, answer.headers["Location"]), None
        raise AssertionError(f"redirections without end at {address}")
