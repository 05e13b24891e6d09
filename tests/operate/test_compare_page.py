"""The report of `make compare` as a page, in a real browser."""

import os
from pathlib import Path

from playwright.sync_api import sync_playwright

from components.compare.report import Report
from components.compare.written import write
from tests.operate.test_compare import MUTANTS, compared, found
from tests.pure.test_compare_answers import report

CHROMIUM = os.environ.get("STRANGLER_CHROMIUM", "/usr/bin/chromium")


def shown(made: Report, folder: Path) -> tuple[str, list[list[str]], list[str]]:
    """The page's text, the cells of its tables, and what the browser complained of or asked for beyond it."""
    page = write(made, folder)
    odd: list[str] = []
    with sync_playwright() as playwright:
        # Chromium's sandbox can't be had by root.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page()
        opened.on("console", lambda message: odd.append(message.text))
        opened.on("pageerror", lambda error: odd.append(str(error)))
        opened.on("dialog", lambda dialog: odd.append(dialog.message))
        opened.on("request", lambda request: odd.append(request.url) if request.url != page.as_uri() else None)
        opened.goto(page.as_uri())
        rows = [row.locator("th, td").all_inner_texts() for row in opened.get_by_role("row").all()]
        text = opened.locator("body").inner_text()
        browser.close()
    return text, rows, odd


def test_the_findings_of_json_are_rows_of_a_page_that_asks_for_nothing(tmp_path: Path) -> None:
    reply, expected = MUTANTS["missing field"]
    progress = compared(reply)
    assert found(progress) == expected
    made = Report(*("users", "local", "users"), report(progress.tally).at, progress, 0)
    text, rows, odd = shown(made, tmp_path)
    assert odd == []
    assert "50 requests compared, 1 finding" in text
    (row,) = (cells for cells in rows if "$[*].name" in " ".join(cells))
    assert "missing" in " ".join(row)
    assert any("50" in cell for cell in row)


def test_what_a_service_answers_is_text_on_the_page_and_nothing_else(tmp_path: Path) -> None:
    evil = "</td><script>alert(1)</script><img src=x onerror=alert(2)>"
    progress = compared(lambda new, _: (200, {"Content-Type": "text/html", "X-Own": evil if new else "-"}, b"same"))
    made = Report(*("users", "local", "users"), report(progress.tally).at, progress, 0)
    text, _, odd = shown(made, tmp_path)
    assert odd == []
    assert evil in text
