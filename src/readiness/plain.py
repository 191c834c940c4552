"""Untrusted text made harmless to look at, in a terminal as in a page."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    r"""Text with whatever does not show, or turns other text around, spelled out.

    Controls, marks of direction, zero-width characters and lone surrogates become what Python writes for them
    (`\x1b`, `\u202e`), so they neither deceive the reader nor break the encoding.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or _plain(one) else _spelled(one) for one in text)


def _plain(character: str) -> bool:
    """Line breaks, tabs and spaces of all widths do no harm."""
    return character in "\n\t" or unicodedata.category(character) == "Zs"


def _spelled(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
