"""What the start page says to search engines, and that answers to searches say: do not keep this."""

import pytest

from tests.linked import kinds, linked

pytestmark = pytest.mark.django_db


def test_the_start_page_is_the_site(client, settings) -> None:
    settings.SITE_NAME = "Nord </script>"
    page = client.get("/").content.decode()
    assert '<link rel="canonical" href="http://testserver/" />' in page
    assert "noindex" not in page
    assert linked(page, "WebSite") == {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": "Nord </script>",
        "url": "http://testserver/",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": "http://testserver/?q={search_term_string}",
            },
            "query-input": "required name=search_term_string",
        },
    }


@pytest.mark.parametrize("query", ["?q=lamp", "?brand=Nord", "?in_stock=1"])
def test_answers_to_searches_are_not_indexed(client, query) -> None:
    page = client.get(f"/{query}").content.decode()
    assert '<meta name="robots" content="noindex, follow" />' in page
    assert kinds(page) == []
    assert "canonical" not in page
