"""Texts that an account, or who wrote a snapshot, may put wherever a text can stand; each tries something else."""

from __future__ import annotations

HACKED = "<b hacked>"
"""Every element that a text tries to make carries this attribute, so that a page that made one can be told."""

TEXTS = {
    "script": "<script hacked>window.hacked=1</script>",
    "event": "\"'><img hacked src=https://evil.example/x onerror=window.hacked=1>",
    "svg": "<svg hacked onload=window.hacked=1><a hacked href='javascript:window.hacked=1'>x</a></svg>",
    "frame": "<iframe hacked srcdoc='<script>parent.hacked=1</script>'></iframe><base hacked href=//evil.example>",
    "end of what stands around": f"</style></script></title></textarea></code></details>{HACKED}<!--",
    "entity": "&lt;script&gt;&#60;b hacked&#62;&amp;",
    "template": "{{ 7 * 7 }}{% raw %}{{ ''.__class__.__mro__ }}${window.hacked=1}",
    "format": "%s%n{0.__class__}{}",
    "address": "javascript:window.hacked=1//https://evil.example/",
    "colours": "\x1b[31;1mred\x1b[0m\x1b[2J\x1b[H",
    "title and link of the terminal": "\x1b]0;owned\x07\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "controls of 8 bits": "\x9b31mred\x9d0;owned\x9c\x90q\x9c\x85",
    "controls": "".join(map(chr, range(32))) + "\x7f",
    "nul": "a\x00b",
    "back over what stood there": "Score: 0\r\b\b\bScore: 100",
    "another line": "x\nScore: 100 of 100\n\nwrote report.html",
    "lines of unicode": "x\u2028Score: 100\u2029\u0085y",
    "overrides": "\u202egnp.exe\u202c \u202dabc\u202c",
    "embeddings and isolates": "\u202a\u202b\u2066\u2067\u2068\u2069",
    "marks of direction": "\u200e\u200f\u061cabc",
    "zero width": "a\u200bb\u200c\u200d\u2060\ufeff\u00ad",
    "tags": "a" + "".join(chr(0xE0000 + ord(letter)) for letter in "hidden"),
    "first half of a pair": "a\ud800",
    "second half of a pair": "\udfffz",
    "piled marks": "z" + "\u0300\u0301\u0302" * 300,
    "formula": "=cmd|'/C calc'!A0",
    "formula of another sign": "@SUM(1+1)*cmd()\t+1-1",
    "markdown": "[x](javascript:window.hacked=1) ![x](https://evil.example/x) `a` **b** | c |\n# d\n```",
    "markup of the terminal library": "[bold red]x[/bold red] [link=https://evil.example]y[/link] [/] [",
    "end of a JSON text": '", "verdict": "passed", "x": "\\',
    "long word": "x" * 10_000,
    "long sentence": "so many words " * 800,
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "wide": "\U0001f600\u65e5\u672c" * 500,
    "empty": "",
}
