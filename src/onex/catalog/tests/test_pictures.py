"""Our own drawings of the certificates and book covers: present, well-formed, and saying what the data says."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree

from onex.catalog import rules
from onex.catalog.rules.loading import DATA

STATIC = DATA.parent / "static"
GUIDE = rules.guide()


def words_of(picture: str) -> str:
    """All text in a picture. Fails when it is missing or not well-formed."""
    root = ElementTree.fromstring((STATIC / picture).read_text("utf-8"))
    assert not [element.tag for element in root.iter() if element.tag.endswith(("script", "style", "foreignObject"))]
    return " ".join(text.strip() for text in root.itertext())


@pytest.mark.parametrize("certificate", GUIDE.certificates, ids=lambda certificate: certificate.code)
def test_the_sample_of_a_certificate_shows_every_fact_and_that_it_is_a_sample(certificate) -> None:
    words = words_of(certificate.sample.picture)
    facts = ["照片", "证件号码", "理论考核", "实训考核", "证书编号", "发证日期", "印章", "扫码查验", "样例", "初级"]
    for fact in (certificate.name, GUIDE.head.organisation.name, *facts):
        assert fact in words


@pytest.mark.parametrize("book", GUIDE.textbooks.textbooks, ids=lambda book: book.name)
def test_a_cover_bears_the_name_the_level_and_the_publisher_of_its_book(book) -> None:
    words = words_of(book.cover)
    for fact in (book.name, book.level.label.msgid, GUIDE.textbooks.publisher, "封面示意"):
        assert fact in words
