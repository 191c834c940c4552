"""Whatever text an account holds stays text in every output: in a real browser, in the terminal, in JSON."""

from __future__ import annotations

import functools
import importlib.metadata
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, sync_playwright

from hostile.seeds import audited, rewritten
from hostile.texts import TEXTS
from readiness import terminal
from readiness.output import GROUP
from readiness.plain import visible
from readiness.results import Results
from reports.samples import everything, with_texts

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What must reach no reader: controls, direction, halves of pairs, and what does not show."""
OURS = re.compile(r"\x1b\[(?:0|1|2|32|33)m")
"""The colours of the summary: plain, bold, dim, green and yellow."""
LOADING = "img,link,iframe,object,embed,base,form,svg a,audio,video,textarea,[hacked],[style],[src],[srcdoc]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def facts(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a judge may need besides the output, made only where it asks."""
    return {"browser": lambda: request.getfixturevalue("browser"), "folder": request.getfixturevalue("tmp_path")}


def by_hand(text: str) -> Results:
    """Every field of the results, the pack's texts too, and an account where nothing else is."""
    return with_texts(everything(), lambda before: before + text)


def by_snapshot(text: str) -> Results:
    """An ordinary account where only what AWS answers holds the text."""
    return audited(rewritten(lambda before: before + text))


def is_harmless_page(content: bytes, text: str, facts: dict[str, Any]) -> None:
    file: Path = facts["folder"] / "report.html"
    file.write_bytes(content)
    assert not HIDDEN.search(content.decode("utf-8"))
    context = facts["browser"]().new_context(viewport={"width": 375, "height": 812})
    page = context.new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.url != file.as_uri() else None)
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda problem: seen.append(str(problem)))
    page.on("dialog", lambda dialog: seen.append(dialog.message))
    page.goto(file.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("typeof window.hacked") == "undefined"
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate(f"[...document.querySelectorAll('{LOADING}')].map(one => one.outerHTML)") == []
    attributes = page.evaluate("[...document.querySelectorAll('*')].flatMap(one => one.getAttributeNames())")
    assert [name for name in attributes if name.startswith("on")] == []
    links = page.evaluate("[...document.links].map(one => one.getAttribute('href'))")
    assert [link for link in links if not link.startswith(("#", "https://docs.aws.amazon.com/"))] == []
    assert visible(text) in page.evaluate("document.body.textContent")
    for width in (375, 1280):
        page.set_viewport_size({"width": width, "height": 812})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert seen == []
    context.close()


def is_json_that_reads_back(content: bytes, text: str, facts: dict[str, Any]) -> None:  # noqa: ARG001
    again = msgspec.json.decode(content.decode("utf-8").encode(), type=Results)
    assert msgspec.json.encode(again) == msgspec.json.encode(msgspec.json.decode(content, type=Results))
    # A half of a pair has no form in UTF-8: it is spelled out, all else is kept as it was.
    assert text.encode("utf-8", "backslashreplace").decode() in again.account.caller


JUDGES: dict[str, Callable[[bytes, str, dict[str, Any]], None]] = {
    "html": is_harmless_page,
    "json": is_json_that_reads_back,
}
"""What each format must hold to; one that is added joins by a line."""

FORMATS = {entry.name: entry for entry in importlib.metadata.entry_points(group=GROUP)}
SOURCES = {"by hand": functools.cache(by_hand), "by snapshot": functools.cache(by_snapshot)}


def test_every_format_has_a_judge() -> None:
    assert set(FORMATS) == set(JUDGES)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", TEXTS)
def test_text_stays_text(name: str, source: str, facts: dict[str, Any]) -> None:
    # What a text leads to is the same for all formats, and takes longest: so they go together.
    text = TEXTS[name]
    for form, judge in JUDGES.items():
        judge(FORMATS[form].load()(SOURCES[source](text)), text, facts)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", TEXTS)
def test_nothing_reaches_the_terminal_but_text(
    name: str, source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    is_harmless_summary(name, source, capsys, coloured=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    is_harmless_summary(name, source, capsys, coloured=True)


def is_harmless_summary(name: str, source: str, capsys: pytest.CaptureFixture[str], *, coloured: bool) -> None:
    harmless = len(_summary("", source, coloured, capsys).splitlines())
    shown = _summary(TEXTS[name], source, coloured, capsys)
    shown.encode("utf-8")
    assert not HIDDEN.search(shown)
    if source == "by snapshot":
        # Only the first line has a text of the account: it can't make others look as if the tool had written them.
        assert len(shown.split("\n")) == harmless + 1
        assert shown.split("\n")[1].startswith(("Score: ", "Nothing of what"))


def _summary(text: str, source: str, coloured: bool, capsys: pytest.CaptureFixture[str]) -> str:
    """What is printed, less the colours that are the tool's own."""
    capsys.readouterr()
    terminal.summary(SOURCES[source](text))
    shown = capsys.readouterr().out
    return OURS.sub("", shown) if coloured else shown


@pytest.mark.parametrize("name", TEXTS)
def test_the_progress_shows_text(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress(1, "1" + TEXTS[name], ["us-east-1" + TEXTS[name]]) as advance:
        advance("s3.Bucket", "us-east-1" + TEXTS[name])
    shown = capsys.readouterr().err
    assert not HIDDEN.search(shown)
    assert shown.count("\n") == 1
