"""No page without a look: every address is in the list of pages, or is none for a reason."""

from __future__ import annotations

from collections import Counter

from django.urls import get_resolver

from tests.e2e.addresses import NO_PAGES, PAGES, names
from tests.e2e.pages import GROUPS


def test_every_address_is_looked_at_or_is_no_page() -> None:
    listed = Counter(name for part in (*PAGES.values(), *NO_PAGES.values()) for name in part)
    assert [name for name, times in listed.items() if times > 1] == []
    assert sorted(listed) == sorted(set(names(get_resolver())))
    assert set(PAGES) <= set(GROUPS)
