"""The reference page at `/docs`: whole, without a script, and with nothing from elsewhere."""

import re
from html.parser import HTMLParser

import pytest

from acuse.web.api.application import BUILT
from acuse.web.openapi.document import openapi_document
from acuse.web.openapi.elements import html_page, rich, tag
from tests.web.client import Client
from tests.web.conftest import StartServer


class Seen(HTMLParser):
    """What a page holds: its tags, where its links lead, and what can be linked to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}


@pytest.fixture(scope="module")
def page(shared_client: Client) -> str:
    answer = shared_client.request("GET", "/docs")
    assert (200, "text/html; charset=utf-8") == (answer.status, answer.headers["content-type"])
    return answer.body.decode()


def test_the_page_has_every_route_that_is_built(page: str) -> None:
    text = re.sub(r"<[^>]+>", " ", page)

    for path, handlers in BUILT.items():
        for method in handlers:
            assert re.search(rf"{method}\s+{re.escape(path)}\s", text), (method, path)


def test_the_page_has_a_call_with_curl_for_every_route(page: str) -> None:
    operations = [entry for item in openapi_document()["paths"].values() for entry in item if entry != "parameters"]  # type: ignore[attr-defined]

    assert len(operations) <= page.count('"$GATEWAY/v1/')


def test_every_link_leads_somewhere_in_the_gateway(page: str, shared_client: Client) -> None:
    seen = Seen(page)

    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)
    for link in seen.links:
        assert link.startswith("#") or 200 == shared_client.request("GET", link).status, link


def test_no_two_places_have_the_same_name(page: str) -> None:
    ids = Seen(page).ids

    assert sorted(set(ids)) == sorted(ids)


def test_the_page_runs_nothing_and_its_policy_holds_it_to_that(page: str, shared_client: Client) -> None:
    policy = shared_client.request("GET", "/docs").headers["content-security-policy"]

    assert not {"script", "img", "iframe", "form"} & Seen(page).tags
    assert " style=" not in page
    assert "default-src 'none'; style-src 'self'" in policy
    assert "unsafe" not in policy


def test_what_stands_in_a_description_is_never_markup() -> None:
    shown = html_page(tag("p", *rich("a `<b>` & **<script>**")))

    assert b"<p>a <code>&lt;b&gt;</code> &amp; <strong>&lt;script&gt;</strong></p>" in shown


@pytest.mark.parametrize("path", ["/docs/nothing", "/docs/../docs/style.css", "/docs/style.css.map"])
def test_there_is_nothing_else_below_the_page(shared_client: Client, path: str) -> None:
    assert 404 == shared_client.request("GET", path).status


def test_the_page_is_not_sent_again_to_who_has_it(shared_client: Client) -> None:
    etag = shared_client.request("GET", "/docs").headers["etag"]

    assert 304 == shared_client.request("GET", "/docs", headers={"If-None-Match": etag}).status


def test_a_gateway_without_the_api_has_no_page(start: StartServer) -> None:
    assert 404 == start(role="as2").request("GET", "/docs").status
