"""A small page driver: one `Browser` for each person, with cookies, forms found by address or field, and tables.

It sees what a person with JavaScript switched off sees: the HTML that the server sent, and nothing else.
"""

from __future__ import annotations

import http.client
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
SILENT = frozenset(("script", "style", "template"))
BLOCK = frozenset(
    ("p", "div", "li", "tr", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "section", "article", "ul", "ol", "table")
)
MOVED = frozenset((301, 302, 303, 307, 308))
MOST_REDIRECTS = 8
TOO_MANY = 429
PATIENCE = 90  # seconds: as long as a person waits who is told how long


class Surprise(Exception):
    """The product did something else than the story expects; the message is for whoever reads the terminal."""


@dataclass(eq=False)
class Node:
    """An element with its children; texts stand among them as strings."""

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator[Node]:
        """Every element below (and this one) with one of these tags, in document order; all without tags."""
        if not tags or self.tag in tags:
            yield self
        for child in self.children:
            if isinstance(child, Node) and child.tag != "template":  # what is in there is not on the page
                yield from child.all(*tags)

    def first(self, *tags: str) -> Node | None:
        return next(self.all(*tags), None)

    def marked(self, name: str) -> list[Node]:
        """Every element below with this class."""
        return [node for node in self.all() if name in node.attrs.get("class", "").split()]

    @property
    def text(self) -> str:
        """What a person reads, blanks put together."""
        return re.sub(r"\s+", " ", "".join(self._texts())).strip()

    @property
    def lines(self) -> str:
        """What a person reads, with the breaks of the page: paragraphs and <br> on lines of their own."""
        return "\n".join(line.strip() for line in "".join(self._texts()).split("\n")).strip()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield re.sub(r"\s+", " ", child)
            elif child.tag == "br":
                yield "\n"
            elif child.tag not in SILENT:
                yield from child._texts()
                if child.tag in BLOCK:
                    yield "\n"


class _Builder(HTMLParser):
    """HTML as browsers read it, as far as our own pages need: void elements, and ends that close what is open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value if value is not None else "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:  # <path/> inside an icon
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_html(text: str) -> Node:
    """The tree of a page."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


# --- forms


@dataclass(frozen=True)
class Upload:
    """A file as chosen in a file field."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass
class Form:
    """A form with the values that the page gives it; `fill` changes them, the browser sends it."""

    node: Node
    action: str
    method: str
    is_multipart: bool
    controls: list[Node]
    values: list[tuple[str, str | Upload]]

    def fill(self, **values: Any) -> Form:
        """Write into fields by name: text, a list for several boxes, an Upload, None to clear.

        Raises Surprise for a field that is not there and for an option that is not offered.
        """
        for name, value in values.items():
            fields = [one for one in self.controls if one.attrs.get("name") == name]
            if not fields:
                raise Surprise(f"the form {self.action} has no field {name}; it has {', '.join(self.names)}")
            self.values = [pair for pair in self.values if pair[0] != name]
            wanted = [] if value is None else value if isinstance(value, list | tuple) else [value]
            for one in wanted:
                text = one if isinstance(one, Upload) else str(one)
                _refuse_unknown(self.action, name, fields, text)
                self.values.append((name, text))
        return self

    @property
    def names(self) -> list[str]:
        """The names of its fields, each once."""
        return list(dict.fromkeys(one.attrs["name"] for one in self.controls if one.attrs.get("name")))

    def option(self, name: str, *words: str) -> str:
        """The value of the choice whose label contains all these words. Raises Surprise unless there is just one."""
        found = [(value, label) for value, label in self.options(name) if all(word in label for word in words)]
        exact = [pair for pair in found if [pair[1]] == list(words)]
        if len(exact) == 1:
            found = exact
        if len(found) != 1:
            offered = "、".join(label for _, label in self.options(name))
            raise Surprise(f"{self.action}: {len(found)} choices of {name} say {words}; offered: {offered}")
        return found[0][0]

    def options(self, name: str) -> list[tuple[str, str]]:
        """What a select, radio or checkbox field offers: (value, label)."""
        found = []
        for control in self.controls:
            if control.attrs.get("name") != name:
                continue
            if control.tag == "select":
                found += [(_value_of(option), option.text) for option in control.all("option")]
            elif control.attrs.get("type") in ("radio", "checkbox"):
                found.append((control.attrs.get("value", "on"), self._label_of(control)))
        return found

    def _label_of(self, control: Node) -> str:
        for label in self.node.all("label"):
            if label.attrs.get("for") == control.attrs.get("id", "-") or control in label.all():
                return label.text
        row = next((row for row in self.node.all("tr") if control in row.all()), None)
        return row.text if row else ""

    def button(self, words: str = "", *, name: str = "", value: str = "") -> Node:
        """A submit button by its words or by name and value. Raises Surprise when it is not there."""
        for one in self.controls:
            is_button = one.tag == "button" and one.attrs.get("type", "submit") == "submit"
            if not is_button and one.attrs.get("type") != "submit":
                continue
            label = one.text or one.attrs.get("value", "")
            same_name = not name or (one.attrs.get("name"), one.attrs.get("value", "")) == (name, value)
            if words in label and same_name:
                return one
        raise Surprise(f"the form {self.action} has no button {words or name + '=' + value}")


def _refuse_unknown(action: str, name: str, fields: list[Node], value: str | Upload) -> None:
    kinds = {one.tag if one.tag == "select" else one.attrs.get("type", one.tag) for one in fields}
    if not kinds & {"select", "radio", "checkbox"}:
        return
    offered = [_value_of(option) for one in fields if one.tag == "select" for option in one.all("option")]
    offered += [one.attrs.get("value", "on") for one in fields if one.attrs.get("type") in ("radio", "checkbox")]
    if value not in offered:
        raise Surprise(f"{action}: {name} does not offer {value!r}, only {', '.join(offered)[:400]}")


def _value_of(option: Node) -> str:
    return option.attrs.get("value", option.text)


def _given(control: Node) -> list[tuple[str, str | Upload]]:
    """What a control sends when nobody touches it."""
    name, kind = control.attrs.get("name"), control.attrs.get("type", "text")
    if not name or "disabled" in control.attrs or control.tag == "button":
        return []
    if control.tag == "select":
        options = list(control.all("option"))
        chosen = [one for one in options if "selected" in one.attrs]
        if not chosen and "multiple" not in control.attrs:
            chosen = options[:1]
        return [(name, _value_of(one)) for one in chosen]
    if control.tag == "textarea":
        return [(name, "".join(c for c in control.children if isinstance(c, str)).removeprefix("\n"))]
    if kind in ("submit", "button", "image", "reset"):
        return []
    if kind == "file":
        return [(name, Upload("", b""))]
    if kind in ("checkbox", "radio"):
        return [(name, control.attrs.get("value", "on"))] if "checked" in control.attrs else []
    return [(name, control.attrs.get("value", ""))]


# --- pages


@dataclass
class Page:
    """One answer of the server."""

    status: int
    address: str
    headers: Mapping[str, str]
    content: bytes

    def __post_init__(self) -> None:
        self._tree: Node | None = None

    @property
    def wait(self) -> int:
        """How many seconds the server asks us to wait; more than anybody's patience when it does not say."""
        told = self.headers.get("retry-after", "")
        return int(told) if told.isdecimal() else PATIENCE + 1

    @property
    def html(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def tree(self) -> Node:
        if self._tree is None:
            self._tree = read_html(self.html)
        return self._tree

    @property
    def text(self) -> str:
        """Everything a person reads on the page."""
        body = self.tree.first("body") or self.tree
        return body.text

    @property
    def main(self) -> Node:
        return self.tree.first("main") or self.tree.first("body") or self.tree

    @property
    def sentences(self) -> list[str]:
        """What the page says of mistakes and refusals: alerts and the words beside fields."""
        found = []
        for node in self.main.all():
            classes = node.attrs.get("class", "").split()
            if (node.attrs.get("role") == "alert" or "ox-error" in classes or "ox-blocked" in classes) and node.text:
                found.append(node.text)
        return list(dict.fromkeys(found)) or [self.main.text[:400]]

    def forms(self) -> list[Form]:
        found = []
        everything = list(self.tree.all("input", "select", "textarea", "button"))
        for node in self.tree.all("form"):
            inside = set(map(id, node.all("input", "select", "textarea", "button")))
            name = node.attrs.get("id", "")
            controls = [
                one for one in everything if (one.attrs["form"] == name if one.attrs.get("form") else id(one) in inside)
            ]
            values = [pair for control in controls for pair in _given(control)]
            found.append(
                Form(
                    node,
                    urljoin(self.address, node.attrs.get("action") or self.address),
                    node.attrs.get("method", "get").lower(),
                    node.attrs.get("enctype", "") == "multipart/form-data",
                    controls,
                    values,
                )
            )
        return found

    def form(self, action: str = "", *, has: str = "", near: str = "") -> Form:
        """The one form whose address matches `action` (a regular expression at its end), that has a field `has`, and
        that stands in the smallest card or row saying `near`.

        Raises Surprise when there is none, naming what is there.
        """
        found = [
            form
            for form in self.forms()
            if re.search(f"{action}$", urlsplit(form.action).path)
            and (not has or any(one.attrs.get("name") == has for one in form.controls))
        ]
        if near:
            found = [form for form in found if near in self._around(form.node)]
        if not found:
            there = "、".join(sorted({urlsplit(form.action).path for form in self.forms()}))
            raise Surprise(f"{self.address}: no form {action or has or near}; there are {there}. {self.told}")
        return found[0]

    def _around(self, node: Node) -> str:
        """The words of the smallest row or card that holds this element."""
        holders = [
            one for one in self.tree.all() if one.tag in ("tr", "article", "section", "li") and node in one.all()
        ]
        holders += [one for one in self.tree.marked("ox-card") if node in one.all()]
        return min((one.text for one in holders), key=len, default=self.text)

    def links(self, pattern: str = "", words: str = "") -> list[str]:
        """Addresses of the links whose path matches and whose words contain, in order, each once."""
        found = []
        for node in self.tree.all("a"):
            address = urljoin(self.address, node.attrs.get("href", ""))
            if re.search(f"{pattern}$", urlsplit(address).path) and words in node.text:
                found.append(address)
        return list(dict.fromkeys(found))

    def link(self, pattern: str = "", words: str = "") -> str:
        """The first such link. Raises Surprise when there is none."""
        found = self.links(pattern, words)
        if not found:
            raise Surprise(f"{self.address}: no link {pattern} {words}. {self.told}")
        return found[0]

    def rows(self, *heads: str) -> list[dict[str, str]]:
        """The rows of the first table that has all these column heads, as {head: text}; "" is the row as one text.

        Raises Surprise when there is no such table.
        """
        for table in self.tree.all("table"):
            lines = [[cell for cell in row.children if isinstance(cell, Node)] for row in table.all("tr")]
            lines = [cells for cells in lines if cells]
            if not lines:
                continue
            titles = [cell.text for cell in lines[0]]
            if all(head in titles for head in heads):
                body = [cells for cells in lines[1:] if len(cells) == len(titles)]
                return [
                    {title: cell.text for title, cell in zip(titles, cells, strict=True)}
                    | {"": " ".join(cell.text for cell in cells)}
                    for cells in body
                ]
        raise Surprise(f"{self.address}: no table with the columns {'、'.join(heads)}")

    @property
    def facts(self) -> dict[str, str]:
        """What definition lists on the page say."""
        found: dict[str, str] = {}
        for one in self.tree.all("dl"):
            name = ""
            for node in one.all("dt", "dd"):
                if node.tag == "dt":
                    name = node.text
                elif name and name not in found:
                    found[name] = node.text
        return found

    @property
    def told(self) -> str:
        """The page's own words, for the message of a Surprise."""
        return f"[{self.status}] {' ／ '.join(self.sentences)[:600]}"


# --- the browser


class Browser:
    """One person's browser: keeps cookies and the last page, follows redirects, and says what went wrong."""

    def __init__(self, url: str, who: str = "") -> None:
        parts = urlsplit(url)
        self.base, self.who = f"{parts.scheme}://{parts.netloc}", who
        self.cookies: dict[str, str] = {}
        self.page = Page(0, url, {}, b"")
        self._connection: http.client.HTTPConnection | None = None

    def get(self, address: str, *, expect: int | Iterable[int] = 200, **query: Any) -> Page:
        """Open an address. Raises Surprise on any other status than expected."""
        target = urljoin(self.page.address or self.base, address)
        if query:
            target += ("&" if "?" in target else "?") + urlencode(query)
        return self._go("GET", target, b"", "", expect)

    def all_pages(self, page: Page) -> Iterator[Page]:
        """A list from its first page to its last, by the link 下一页."""
        while True:
            yield page
            following = next((one for one in page.tree.all("a") if one.attrs.get("rel") == "next"), None)
            if following is None:
                return
            page = self.get(urljoin(page.address, following.attrs.get("href", "")))

    def submit(
        self, form: Form, button: Node | None = None, *, expect: int | Iterable[int] = 200, **values: Any
    ) -> Page:
        """Fill these fields and send the form, with this button pressed; answers where it led."""
        form.fill(**values)
        pairs, target = list(form.values), form.action
        if button is not None:
            target = urljoin(self.page.address, button.attrs.get("formaction") or form.action)
            if button.attrs.get("name"):
                pairs.append((button.attrs["name"], button.attrs.get("value", "")))
        if form.method == "get":
            words = urlencode([(name, value) for name, value in pairs if isinstance(value, str) and value])
            return self._go("GET", f"{target.split('?')[0]}?{words}", b"", "", expect)
        if form.is_multipart:
            body, kind = multipart(pairs)
        else:
            body = urlencode([(n, v if isinstance(v, str) else v.name) for n, v in pairs]).encode()
            kind = "application/x-www-form-urlencoded"
        return self._go("POST", target, body, kind, expect)

    def _go(self, method: str, target: str, body: bytes, kind: str, expect: int | Iterable[int]) -> Page:
        wanted = {expect} if isinstance(expect, int) else set(expect)
        before = self.page.address
        for _ in range(MOST_REDIRECTS):
            headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Referer": before}
            if kind:
                headers["Content-Type"] = kind
            answer = self._ask(method, target, body, headers)
            if answer.status == TOO_MANY and TOO_MANY not in wanted and answer.wait <= PATIENCE:
                time.sleep(answer.wait)  # as the page asks; nothing was done
                continue
            if answer.status not in MOVED:
                break
            before, target = target, urljoin(target, answer.headers.get("location", ""))
            if answer.status not in (307, 308):
                method, body, kind = "GET", b"", ""
        self.page = answer
        if answer.status not in wanted:
            raise Surprise(f"{self.who}: {method} {target} answered {answer.told}")
        return answer

    def _ask(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Page:
        parts = urlsplit(target)
        if f"{parts.scheme}://{parts.netloc}" != self.base:
            raise Surprise(f"{self.who}: the page leads away from the product, to {target}")
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        response = self._send(method, path, body, headers)
        for line in response.headers.get_all("Set-Cookie", []):
            self._keep_cookie(line)
        content = response.read()
        return Page(response.status, target, {k.lower(): v for k, v in response.headers.items()}, content)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> http.client.HTTPResponse:
        """Over the open connection, or a new one when the server has closed it while we were quiet."""
        while True:
            was_open = self._connection is not None
            connection = self._connection = self._connection or connect(self.base)
            try:
                connection.request(method, path, body or None, headers)
                return connection.getresponse()
            except (http.client.HTTPException, OSError):
                self.close()
                if not was_open:
                    raise

    def _keep_cookie(self, line: str) -> None:
        pair, *more = line.split(";")
        name, _, value = pair.strip().partition("=")
        if not value or any(part.strip().lower() == "max-age=0" for part in more):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connect(base: str) -> http.client.HTTPConnection:
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "127.0.0.1", parts.port, timeout=120)


def multipart(pairs: Iterable[tuple[str, str | Upload]]) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type (RFC 7578; names and file names in UTF-8)."""
    border = f"----{secrets.token_hex(16)}"
    body = bytearray()
    for name, value in pairs:
        body += f'--{border}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if isinstance(value, Upload):
            clean = re.sub(r'["\r\n]', "", value.name)
            body += f'; filename="{clean}"\r\nContent-Type: {value.content_type}\r\n\r\n'.encode() + value.content
        else:
            body += b"\r\n\r\n" + value.encode()
        body += b"\r\n"
    return bytes(body) + f"--{border}--\r\n".encode(), f"multipart/form-data; boundary={border}"


def wait_for(check: Any, seconds: float, what: str, pause: float = 0.5) -> Any:
    """Ask until the answer is true. Raises Surprise when it stays false for so many seconds."""
    until = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > until:
            raise Surprise(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(pause)
