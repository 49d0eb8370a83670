"""The page with which an addon presents itself stands for itself: Odoo shows it without scripts, also offline."""

from html.parser import HTMLParser

import pytest

from devtools import paths

EMPTY = {"br", "hr", "img", "meta"}  # elements without an end


class Page(HTMLParser):
    """Notes elements, what they load, and what does not end where it should."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.loaded, self.unbalanced, self._open = [], [], [], []
        self.feed(text)
        self.close()
        self.unbalanced += self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.loaded += [value for name, value in attrs if name in ("src", "srcset", "href", "data", "poster")]
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.unbalanced.append(tag)


@pytest.mark.parametrize("addon", paths.addons())
def test_page_stands_for_itself(addon):
    folder = paths.ROOT / addon / "static/description"
    page = Page((folder / "index.html").read_text())
    assert {"h1", "h2", "p"} <= set(page.elements)
    assert not page.unbalanced
    assert not {"script", "style", "link", "iframe", "object", "embed"} & set(page.elements)
    assert [name for name in page.loaded if not (folder / name).is_file()] == []
