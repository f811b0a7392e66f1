"""The text of a manual's HTML page, without its navigation."""

import re

from lxml import html

# Page furniture: what Sphinx, DocBook and mdBook put around the text.
FURNITURE = "|".join([
    "//script",
    "//style",
    "//nav",
    "//head",
    '//*[contains(@class,"navheader")]',
    '//*[contains(@class,"navfooter")]',
    '//*[@class="related"]',
    '//*[@class="sphinxsidebar"]',
    '//*[@class="footer"]',
    '//a[@class="headerlink"]',
])
BLOCKS = "//p|//li|//h1|//h2|//h3|//h4|//dt|//dd|//tr|//br|//div"


def html_text(path):
    """The page's text: one line break after every block, at most one empty line in a row.

    An empty page gives an empty string.
    """
    page = html.parse(path, parser=html.HTMLParser(encoding="utf-8")).getroot()
    if page is None:
        return ""
    for element in page.xpath(FURNITURE):
        _remove_but_keep_tail(element)
    for element in page.xpath(BLOCKS):
        element.tail = "\n" + (element.tail or "")
    return re.sub(r"\n\s*\n+", "\n\n", page.text_content())


def _remove_but_keep_tail(element):
    """Remove an element; the text after it, which lxml hangs on the element itself, stays."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        previous = element.getprevious()
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
