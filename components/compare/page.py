"""What a comparison found, as one HTML page that needs nothing else. Pure."""

from collections.abc import Callable, Sequence
from html import escape
from string import Template

from components.compare.findings import FindingKind, suggested, suggested_unordered
from components.compare.report import Report, headline, named, printable, slower

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
td.count { text-align: right; }
code { overflow-wrap: anywhere; }
:root { color-scheme: light dark; }
</style>
</head>
<body>
<h1>$title</h1>
<p>$at, stack $stack: <strong>$headline</strong>.</p>
$findings
$noise
$ignore
<h2>Latency</h2>
$latency
$skipped
</body>
</html>
""")


def to_html(report: Report) -> str:
    """The page."""
    tally = report.progress.tally
    more = f"<p>And {tally.beyond:,} differences elsewhere in the answers.</p>" if tally.beyond else ""
    return _PAGE.substitute(
        title=_text(f"{report.route}: the old side and {report.service}"),
        at=_text(f"{report.at:%Y-%m-%d %H:%M:%S} UTC"),
        stack=_text(report.stack),
        headline=_text(headline(report)),
        findings=_section("Findings: old against new", tally.findings, lambda kind: kind.found) + more,
        noise=_section("Noise: old against old", tally.noisy, lambda kind: kind.noise),
        ignore=_ignore(tally.noisy),
        latency=_latency(report),
        skipped=_skipped(report),
    )


def _section(title: str, kinds: Sequence[FindingKind], count: Callable[[FindingKind], int]) -> str:
    if not kinds:
        return f"<h2>{title}</h2><p>None.</p>"
    rows = [
        _row(
            f'<td class="count">{count(kind):,}</td>',
            *(f"<td>{_code(text)}</td>" for text in (named(kind), kind.old, kind.new)),
            f"<td>{'<br>'.join(_code(f'{example.method} {example.path}') for example in kind.examples)}</td>",
        )
        for kind in kinds
    ]
    return f"<h2>{title}</h2>" + _table(("Requests", "What differs", "Old", "New", "Such as"), rows)


def _ignore(noisy: Sequence[FindingKind]) -> str:
    lists = {"ignore": suggested(noisy), "unordered": suggested_unordered(noisy)}
    paragraphs = [f"<p>{name}: {', '.join(map(_code, values))}</p>" for name, values in lists.items() if values]
    return "<h2>How to ignore the noise</h2>" + "".join(paragraphs) if paragraphs else ""


def _latency(report: Report) -> str:
    sides = {"Old": report.progress.tally.old, "New": report.progress.tally.new}
    rows = [
        _row(f"<td>{name}</td>", *(f"<td>{1000 * latency.percentile(percent):.1f} ms</td>" for percent in (50, 99)))
        for name, latency in sides.items()
    ]
    notes = "".join(f"<p>{_text(line.strip())}.</p>" for line in slower(*sides.values()))
    return _table(("Side", "p50", "p99"), rows) + notes


def _skipped(report: Report) -> str:
    rows = [
        _row(f'<td class="count">{count:,}</td>', f"<td>{_text(reason)}</td>")
        for reason, count in report.progress.skipped.most_common()
    ]
    return "<h2>Skipped</h2>" + _table(("Requests", "Why"), rows) if rows else ""


def _table(headings: Sequence[str], rows: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(cells)}</tr>"


def _code(text: str) -> str:
    return f"<code>{_text(text)}</code>"


def _text(text: str) -> str:
    return escape(printable(text))
