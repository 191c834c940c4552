"""A page of what a list answers, where its filters are read by hand."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.emulator.call import Call, Item
from readiness.emulator.resources import LIMITS, TOKENS, listed


def page(call: Call, items: Iterable[Item], key: str = "", *, result: str = "", most: int = 100) -> Item:
    """The items from where the token of the request says, as many as it asks for.

    Args:
        call: the list.
        items: what meets the filters, in order.
        key: the member of an item that a list of names holds.
        result: the member of the answer that holds the list; the only list there by default.
        most: how many where the request does not say.
    """
    given = {name: value for name, value in call.parameters.items() if name.lower() in {*TOKENS, *LIMITS} and value}
    limited = any(name.lower() in LIMITS for name in given)
    return listed(call, items, key, result=result, asked=given if limited else {"MaxResults": most, **given})
