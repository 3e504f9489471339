"""Data for machines inside a page: whole, and never a way out of its script element."""

import json
import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from products.linked_data import data_block

HOSTILE = "</script><!--<script>alert('1 & 2')\u2028\"\\"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def test_a_hostile_name_stays_inside_and_comes_out_as_it_was() -> None:
    block = data_block({"@type": "Thing", "name": HOSTILE})
    (inside,) = BLOCK.findall(block)
    assert not set(inside) & set("<>&")
    assert json.loads(inside) == {
        "@context": "https://schema.org",
        "@type": "Thing",
        "name": HOSTILE,
    }


def crumbs(*pairs: tuple[str, str]) -> str:
    request = RequestFactory().get("/here/", headers={"host": "testserver"})
    template = Template('{% include "_crumbs.html" %}')
    return template.render(Context({"crumbs": pairs, "request": request}))


def test_crumbs_are_links_and_data() -> None:
    html = crumbs(("Lamps", "/lamps/"), ("A <b>", ""))
    assert '<a href="/lamps/">Lamps</a>' in html
    assert '<span aria-current="page">A &lt;b&gt;</span>' in html
    (inside,) = BLOCK.findall(html)
    assert json.loads(inside)["itemListElement"] == [
        {"@type": "ListItem", "position": 1, "name": "Lamps", "item": "http://testserver/lamps/"},
        {"@type": "ListItem", "position": 2, "name": "A <b>"},
    ]


@pytest.mark.parametrize("pairs", [[], [("Categories", "")]])
def test_a_page_alone_is_no_way(pairs) -> None:
    assert BLOCK.findall(crumbs(*pairs)) == []
