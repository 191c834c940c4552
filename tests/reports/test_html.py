"""The HTML report: complete, the same every time, and only text whatever an account holds."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from harness import IDENTITY, NOW, REGION
from readiness import packs
from readiness.audit import audit
from readiness.kinds import name_of, scope_of, source_of
from readiness.plain import visible
from readiness.results import Credit, Results, Score
from readiness.snapshot import GLOBAL, CallError, Reading, Snapshot
from readiness_reports import html
from readiness_reports.html import render
from reports.samples import check, error, everything, finding, results, statement, whole_exam, with_texts

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr", "base"}
SHAPES = {"rect", "circle"}

HOSTILE = [
    "<script>window.hacked=1</script>",
    "\"'><img src=https://evil.example/x onerror=window.hacked=1>",
    "</style></script></title></code><script>window.hacked=1</script><!--",
    "{{ 7 * 7 }}{% raw %}${window.hacked=1}",
    "javascript:window.hacked=1",
    "\x00\x1b[31m\u202egnp.exe\u2066\ud800\ufeff\r\n\u2028",
    "x" * 3000,
]


class Parsed(HTMLParser):
    """A page taken apart: its elements in order, the text of each, and what was left open."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page.decode("utf-8"))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHAPES
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.elements if tag == "a"]


def part(page: bytes, start: str, end: str = "</section>") -> str:
    """The source of the page from where an id stands."""
    source = page.decode()
    begin = source.index(f'id="{start}"')
    return source[begin : source.index(end, begin)]


def audited() -> Results:
    """The engine's own results on an account where some kinds are empty and some were denied."""
    library = packs.load()
    readings: dict[str, dict[str, Reading]] = {}
    kinds = {kind for one in library.checks for kind in one.kinds if source_of(kind)}
    for number, kind in enumerate(sorted(kinds, key=name_of)):
        region = GLOBAL if scope_of(kind) == "global" else REGION
        denied = [CallError(f"some:{name_of(kind)}", region, "AccessDenied", "no")] if number % 3 == 0 else []
        readings[name_of(kind)] = {region: Reading(errors=denied)}
    snapshot = Snapshot("readiness 0.1.0", IDENTITY, [REGION], NOW, readings, {"s3:ListBuckets": 1}, "MLA-C01")
    return audit(snapshot, library.exam, library.checks, library.checks)


@pytest.mark.parametrize("make", [audited, whole_exam, everything, results])
def test_every_section_statement_and_check_is_there(make: Callable[[], Results]) -> None:
    made = make()
    page = Parsed(render(made))
    wanted = [f"section-{section.id}" for domain in made.domains for section in domain.sections]
    wanted += [f"statement-{one.id}" for domain in made.domains for part in domain.sections for one in part.statements]
    wanted += [f"check-{one.id}" for one in made.checks]
    for name in wanted:
        assert page.ids.count(name) == 1, name
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("make", [audited, everything])
def test_the_same_results_give_the_same_bytes(make: Callable[[], Results]) -> None:
    made = make()
    assert render(made) == render(msgspec.json.decode(msgspec.json.encode(made), type=Results))


def test_the_page_stays_light() -> None:
    assert len(html._source("style.css").encode()) < 10_000
    assert len(render(whole_exam(60))) < 200_000
    assert len(render(whole_exam(60, findings=5000))) < 500_000


def test_nothing_is_loaded_and_only_our_own_style_and_script_count() -> None:
    page = render(with_texts(everything(), lambda text: text + HOSTILE[1]))
    parsed = Parsed(page)
    [policy] = [a["content"] or "" for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert set(rules) == {"default-src", "style-src", "script-src", "img-src", "base-uri", "form-action"}
    for tag in ("style", "script"):
        [content] = re.findall(rf"<{tag}>(.*?)</{tag}>", page.decode(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules.pop(f"{tag}-src") == f"'sha256-{digest}'"
    assert set(rules.values()) == {"'none'"}
    loading = {"img", "link", "iframe", "object", "embed", "base", "form", "input", "audio", "video"}
    for tag, attributes in parsed.elements:
        assert tag not in loading
        assert not {"style", "src", "srcset", "action"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_an_account_holds_is_text(text: str) -> None:
    # Whether an address with something behind it is still one is another test's question.
    unlinked = [msgspec.structs.replace(one, see="a book") for one in everything().checks]
    made = msgspec.structs.replace(everything(), checks=unlinked)
    page = Parsed(render(with_texts(made, lambda before: before + text)))
    harmless = Parsed(render(with_texts(made, lambda before: before + "and more")))
    # A place to break after each colon is all that a text may bring along.
    assert [tag for tag, _ in page.elements if tag != "wbr"] == [tag for tag, _ in harmless.elements if tag != "wbr"]
    if text.isprintable():
        assert page.text.count(text) > 100
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", page.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[1m", r"a\x1b[1m"),
        ("a\u202eb\u200f", r"a\u202eb\u200f"),
        ("\ud83d", r"\ud83d"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße,\n\t日本 😀 a\u00a0b", "Grüße,\n\t日本 😀 a\u00a0b"),
    ],
)
def test_what_does_not_show_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_an_id_never_leaves_its_attribute_and_never_meets_another() -> None:
    names = ["mla/a-b", "mla/a b", "mla/a_b", 'mla/a"b', "mla/a~20~b", "mla/ä"]
    made = [html.anchor(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._/~-]+", name) for name in made)
    assert html.anchor("mla/endpoint-auto-scaling") == "mla/endpoint-auto-scaling"


@pytest.mark.parametrize(
    ("see", "linked"),
    [
        ("https://docs.aws.amazon.com/a?b=c&d", True),
        ("http://docs.aws.amazon.com/", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://docs.aws.amazon.com/\u202e", False),
        ("https://docs.aws.amazon.com@evil.example/", False),
        ('https://docs.aws.amazon.com/"><b>', False),
        ("see https://docs.aws.amazon.com/", False),
    ],
)
def test_only_a_safe_see_becomes_a_link(see: str, linked: bool) -> None:
    note = "https://evil.example/"
    page = Parsed(render(results([check("one", "failed", see=see, findings=[finding(note, note=note)])])))
    outside = [link for link in page.links if not link.startswith("#")]
    assert outside == ([see, see] if linked else [])


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (Score(54, 61, 0.88), ["at least 54, up to 61 of 100", "88 % could be read"]),
        (Score(54.38, 61.01, 0.999), ["at least 54.3, up to 61.1", "99 % could be read"]),
        (Score(33.33, 33.33, 1), ["33.3 of 100 points", "100 % could be read"]),
        (Score(0, 0, 1), ["0 of 100 points"]),
        (Score(0.04, 0.04, 1), ["0.04 of 100 points"]),
        (Score(99.99, 99.99, 1), ["99.9 of 100 points"]),
        (Score(0, 100, 0), ["Nothing could be read", "there is no score"]),
        (Score(0, 0, 0), ["Nothing could be read", "there is no score"]),
    ],
)
def test_the_score_in_words(score: Score, words: list[str]) -> None:
    text = Parsed(render(results(score=score))).text
    for one in words:
        assert one in text
    assert "predicts no exam result" in text


def test_the_first_screen_tells_whose_account_and_how_much_of_the_guide() -> None:
    made = results(exam=msgspec.structs.replace(results().exam, statements=221, observable=220, covered=143))
    first = part(render(made), "score")
    facts = ["123456789012", "eu-central-1, us-east-1", "2026-11-23 18:04 UTC", made.account.caller]
    for one in [*facts, "221", "220", "143"]:
        assert one in first
    assert "notice" not in first
    assert 'href="#errors"' in part(render(results(partial=True)), "score")
    assert "was interrupted" in part(render(results(partial=True, interrupted=True)), "score")


def test_a_section_has_its_bar_its_number_and_its_link() -> None:
    page = render(everything())
    chart = part(page, "domains")
    assert '<a href="#section-3.2">' in chart
    assert '<rect class="open" x="54.32%" width="6.75%" height="12"/>' in chart
    assert "at least 54.3, up to 61.1" in chart
    assert "54.3 \N{EN DASH} 61.1" in chart
    assert "100 % of the exam" in chart
    assert "no checks yet" in chart


def test_advice_goes_by_points_then_severity() -> None:
    made = [
        check("small", "failed", gain=0.5),
        check("big", "absent", gain=3.25, severity="low"),
        check("bigger", "partial", gain=3.25, severity="high"),
        check("done", "passed"),
        check("quiet", "muted", gain=9),
        check("left", "skipped"),
        check("hidden", "unknown", gain=9),
        check("gone", "absent", gain=9, closed="closed on 2026-07-30"),
    ]
    advice = part(render(results(made)), "next")
    first, rest = advice.split("Let the scan read more")
    assert re.findall(r"Title of ([a-z]+)", first) == ["bigger", "big", "small"]
    assert first.count("+3.2<small> points") == 2
    for one in ("why small", "aws fix small \\\n  --now", "costs: cents", "#check-mla/small", "#statement-3.2-S1"):
        assert one in first
    assert re.findall(r"Title of ([a-z]+)", rest) == ["hidden", "gone", "quiet", "left"]
    assert "closed on 2026-07-30" in rest


def test_ten_are_advised_and_the_rest_is_folded() -> None:
    made = [check(f"c{number}", "failed", gain=number) for number in range(1, 31)]
    advice = part(render(results(made)), "next")
    shown, folded = advice.split('<details class="more"><summary>20 more to practise')
    assert re.findall(r"Title of (c\d+)", shown) == [f"c{number}" for number in range(30, 20, -1)]
    assert re.findall(r"Title of (c\d+)", folded) == [f"c{number}" for number in range(20, 0, -1)]
    assert "Nothing: every check" in part(render(results([check()])), "next")


def test_missing_permissions_are_named_and_other_errors_are_not_taken_for_them() -> None:
    denied = [error("s3:ListBuckets"), error("glue:GetJobs", "UnauthorizedOperation")]
    unread = [*denied, error("kms:ListKeys", "SlowDown")]
    advice = part(render(results([check("hidden", "unknown")], errors=unread)), "next")
    assert "<pre><code>glue:GetJobs\ns3:ListBuckets</code></pre>" in advice
    assert "kms:ListKeys" not in advice
    assert "permissions: SlowDown." in advice


def test_a_check_is_told_in_full_once_and_linked_from_its_other_statements() -> None:
    made = check("shared", "passed", statements=["3.2-K1", "3.2-S1"], findings=[finding(note="seen")])
    statements = part(render(results([made])), "statements")
    assert statements.count("<code>arn:aws:s3:::models</code>") == 1
    first, second = statements.split('id="statement-3.2-S1"')
    assert 'id="check-mla/shared"' in first
    assert 'href="#check-mla/shared"' in second
    for one in ("why shared", "aws fix shared", "for 90 days", "cents", "reason of shared", "passed"):
        assert one in first


def test_findings_to_mend_come_first_and_a_thousand_are_cut() -> None:
    found = [finding(f"good-{number}") for number in range(60)] + [finding("bad", good=False, note="open to all")]
    body = part(render(results([check("many", "partial", findings=found)])), "check-mla/many", "</details>")
    assert body.index("bad") < body.index("good-0")
    assert body.count("<li>") == html.FINDINGS
    assert "and 11 more, in the JSON report" in body
    assert "60 good" in body
    assert "1 not good" in body


def test_each_state_is_a_word_and_each_limit_is_told() -> None:
    text = Parsed(render(everything())).text
    for state, word in html.WORDS.items():
        assert word in text
        assert f"limit of {state}" in text
    assert "Not observable: limit of not_observable" in text
    assert "measured: failed" in text


def test_a_credit_is_percent() -> None:
    credits_of = {"3.2-K1": Credit(0.6, 0.9), "3.2-K2": Credit(0.3333, 0.3333)}
    made = [statement(name, "partial", credit=credit) for name, credit in credits_of.items()]
    text = Parsed(render(results(statements=made))).text
    assert "60\N{EN DASH}90 %" in text
    assert "33 %" in text


def test_errors_and_calls_are_listed() -> None:
    unread = [error(f"s3:Get{number}", message=f"message {number}") for number in range(html.ERRORS + 5)]
    calls = {"s3:ListBuckets": 1200, "s3:GetObject": 34}
    made = results([check("endpoint-scales", "unknown")], errors=unread, calls=calls)
    page = render(made)
    errors = part(page, "errors")
    assert errors.count("<tr") == html.ERRORS + 1
    assert "and 5 more, in the JSON report" in errors
    for one in ("s3:<wbr>Get7", "eu-central-1", "AccessDeniedException", "message 7", "#check-mla/endpoint-scales"):
        assert one in errors
    assert "1,234 calls" in part(page, "calls")
    assert "Everything that was asked for was read" in part(render(results()), "errors")


def test_headings_are_in_order_and_the_page_has_its_landmarks() -> None:
    page = Parsed(render(everything()))
    tags = [tag for tag, _ in page.elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert tags.count(landmark) == 1
    assert ("html", {"lang": "en"}) in page.elements


def test_jinja2_is_loaded_only_where_a_page_is_asked_for() -> None:
    code = "import sys, readiness_reports.json, readiness.output; assert 'jinja2' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield running
        running.close()


def opened(
    browser: Browser, folder: Path, made: Results, width: int = 1280, scripts: bool = True
) -> tuple[Page, list[str]]:
    """The page in a browser, and all that must not happen there: requests, messages, errors."""
    file = folder / "report.html"
    file.write_bytes(render(made))
    page = browser.new_context(viewport={"width": width, "height": 812}, java_script_enabled=scripts).new_page()
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if request.url != file.as_uri() else None)
    page.on("console", lambda message: seen.append(message.text))
    page.on("pageerror", lambda problem: seen.append(str(problem)))
    page.goto(file.as_uri())
    return page, seen


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_a_browser_nothing_runs_and_all_fits(browser: Browser, tmp_path: Path, text: str) -> None:
    page, seen = opened(browser, tmp_path, with_texts(everything(), lambda before: before + text), width=375)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("window.hacked === undefined")
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seen == []


def test_the_policy_stops_what_the_page_did_not_bring(browser: Browser, tmp_path: Path) -> None:
    page, seen = opened(browser, tmp_path, results())
    failed: list[str | None] = []
    page.on("requestfailed", lambda request: failed.append(request.failure))
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://evil.example/x'}))")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(100)
    assert failed == ["csp"]
    assert len([one for one in seen if "Content Security Policy" in one]) == 2


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [375, 1280])
def test_it_reads_with_and_without_scripts(browser: Browser, tmp_path: Path, scripts: bool, width: int) -> None:
    made = msgspec.structs.replace(whole_exam(), score=Score(54, 61, 0.88))
    page, seen = opened(browser, tmp_path, made, width=width, scripts=scripts)
    assert page.locator("#score-words").inner_text() == "at least 54, up to 61"
    assert page.locator(".tools").is_visible() is scripts
    row = page.locator("#statement-1\\.1-K1")
    assert row.locator(".body").first.is_hidden()
    row.locator("summary").first.click()
    assert "a fixed fleet" in row.locator(".body").first.inner_text()
    page.locator('a[href="#section-3.2"]').click()
    assert page.locator("#section-3\\.2").bounding_box() is not None
    sizes = page.locator("html").bounding_box()
    assert sizes is not None
    assert sizes["width"] == width
    assert seen == []


def test_with_scripts_statements_are_filtered_checks_unfold_and_links_reveal(browser: Browser, tmp_path: Path) -> None:
    page, seen = opened(browser, tmp_path, everything())
    page.get_by_role("button", name="not observable").click()
    assert page.locator(".st:visible").count() == 1
    page.evaluate("location.hash = '#check-mla/is-failed'")
    page.locator('[id="check-mla/is-failed"] .body').wait_for()
    assert page.locator('[id="check-mla/is-failed"] .body').is_visible()
    page.get_by_role("button", name="unfold checks").click()
    page.get_by_role("button", name="all", exact=True).click()
    assert page.locator(".st > details > .body:visible").count() == len(everything().checks)
    assert page.locator(".st:visible").count() == 10
    page.get_by_role("button", name="not yet").click()
    page.locator("#domains").get_by_role("link", name="3.3").click()
    page.locator("#statement-3\\.3-K1").wait_for()
    assert seen == []
