"""What a redirect means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.sources.nice.redirect import Product, absolute, is_same_page, published_address

NICE = "https://www.nice.org.uk"
PROJECT = f"{NICE}/guidance/indevelopment/gid-ipg10158"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b#c", "https://a.example/b"),
        ("?d", "https://a.example/x/y?d"),
        ("//b.example/", "https://b.example/"),
        (" http://b.example ", "http://b.example"),
        ("/ü b", "https://a.example/%C3%BC%20b"),
        ("/\udcff", "https://a.example/%FF"),
        ("/%2F", "https://a.example/%2F"),
        ("", "https://a.example/x/y?q"),
        ("ftp://a.example/", None),
        ("javascript:alert(1)", None),
        ("http://[x/", None),
        ("http://a:b/", None),
        ("http:///", None),
    ],
)
def test_a_location_is_made_absolute(location: str, expected: str | None) -> None:
    assert absolute("https://a.example/x/y?q", location) == expected


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("http://a.example/x", "https://a.example/x"),
        ("http://a.example:80/x", "https://a.example/x"),
        ("https://a.example/x", "https://www.a.example/x"),
        ("https://www.a.example/x", "https://a.example/x"),
        ("http://a.example/X/y", "https://www.a.example/x/Y/"),
        ("https://a.example", "https://A.example/"),
        ("https://a.example:8443/x?q=1", "https://a.example:8443/x/?q=1"),
    ],
)
def test_another_spelling_is_the_same_page(asked: str, location: str) -> None:
    assert is_same_page(asked, location)


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("https://a.example/x", "http://a.example/x"),
        ("https://a.example/x", "https://b.example/x"),
        ("https://a.example/x", "https://www2.a.example/x"),
        ("https://a.example/x", "https://a.example:8443/x"),
        ("http://a.example:8080/x", "https://a.example:8443/x"),
        ("https://a.example/x", "https://a.example/"),
        ("https://a.example/x", "https://a.example/x/y"),
        ("https://a.example/x", "https://a.example/x?login"),
        ("https://a.example/x?a=B", "https://a.example/x?a=b"),
        ("https://a.example/x", "https://us:pw@a.example/x"),
        ("https://a.example/x", "https://a.example:x/x"),
    ],
)
def test_any_other_address_is_another_page(asked: str, location: str) -> None:
    assert not is_same_page(asked, location)


@pytest.mark.parametrize(
    ("location", "reference"),
    [
        ("/guidance/ipg749", "IPG749"),
        ("/guidance/IPG749/", "IPG749"),
        ("/guidance/ta1234?from=x#top", "TA1234"),
        ("http://nice.org.uk/guidance/htg12", "HTG12"),
        ("https://www.nice.org.uk:443/guidance/hst5", "HST5"),
    ],
)
def test_a_project_that_leads_to_a_product_is_published(location: str, reference: str) -> None:
    found = published_address(PROJECT, location)
    assert found is not None
    assert found.reference == reference
    assert found.address.endswith(f"nice.org.uk/guidance/{reference.lower()}")
    assert found.address.startswith("https://")
    assert ":443" not in found.address


@pytest.mark.parametrize(
    "asked",
    [
        PROJECT + "/",
        PROJECT.upper().replace("HTTPS://WWW.NICE.ORG.UK", NICE),
        f"{PROJECT}/documents",
        f"{NICE}/guidance/awaiting-development/gid-ta11000",
    ],
)
def test_a_project_has_a_page_under_each_word_for_its_stage(asked: str) -> None:
    assert published_address(asked, "/guidance/ipg749") == Product(
        reference="IPG749", address=f"{NICE}/guidance/ipg749"
    )


@pytest.mark.parametrize(
    "location",
    [
        "/",
        "",
        "/guidance",
        "/guidance/published",
        "/guidance/indevelopment/gid-ipg10158",
        "/guidance/awaiting-development/gid-ipg10158",
        "/guidance/ipg749/documents",
        "/guidance/gid-ipg10158",
        "/error/404",
        "/account/login?returnUrl=/guidance/ipg749",
        "https://accounts.example.org/guidance/ipg749",
        "https://us@www.nice.org.uk/guidance/ipg749",
        "//www.nice.org.uk.example.org/guidance/ipg749",
        "/guidance/ipg749%0a",
        "http://[x/guidance/ipg749",
    ],
)
def test_anything_else_says_nothing_about_publication(location: str) -> None:
    assert published_address(PROJECT, location) is None


@pytest.mark.parametrize("asked", [NICE, f"{NICE}/guidance/ipg700", f"{NICE}/search?q=/guidance/x/gid-ipg1"])
def test_only_the_page_of_a_project_can_be_published(asked: str) -> None:
    assert published_address(asked, "/guidance/ipg749") is None


@given(st.text(), st.text())
def test_any_two_texts_are_judged(asked: str, location: str) -> None:
    assert is_same_page(asked, location) in {True, False}
    there = absolute("https://a.example/x", location)
    assert there is None or there.startswith(("http://", "https://"))
    published_address(PROJECT, location)
