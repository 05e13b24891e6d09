"""`make watch`: the page, in a real browser, while a route moves under load."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.load import Load
from tests.local.board import PROJECT, Board
from tools.watch.reports import STEPS, folder

BROWSER = "STRANGLER_CHROMIUM"
"""As `make test` sets it."""


@pytest.fixture(scope="module")
def address(board: Board) -> Iterator[str]:
    """Of the page of a board that is up."""
    with subprocess.Popen(
        [sys.executable, "-m", "tools.watch", "watch", board.stack],
        cwd=board.folder,
        env={**board.environ, "PYTHONPATH": str(PROJECT), "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
            assert found, line + process.stdout.read()
            yield found[0]
        finally:
            process.terminate()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """The page in Chromium; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        # Chromium's sandbox can't be had by root.
        browser = playwright.chromium.launch(
            executable_path=os.environ.get(BROWSER, "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        opened = browser.new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(address)
        yield opened
        browser.close()
    assert complaints == []


def test_the_page_shows_a_cut_over_under_load_as_it_happens(board: Board, page: Page, tmp_path: Path) -> None:
    services = page.get_by_role("table", name="Requests, errors")
    routes = page.get_by_role("table", name="Routes and their weights")
    users = services.get_by_role("row", name=re.compile(r"^users"))
    diagram = page.get_by_role("img")
    expect(routes.get_by_role("row", name="/api/users all users 0 %")).to_be_visible()
    expect(diagram).to_have_attribute("aria-label", re.compile("users: no requests"))
    expect(users).to_contain_text("0.0")
    reports = folder(board.folder, board.stack)
    reports.mkdir(parents=True)
    with Load(board.port, rate=200) as load:
        load.until(200)
        expect(services.get_by_role("row", name=re.compile(r"^monolith"))).to_contain_text(re.compile(r"[1-9]\d\.\d"))
        board.route("users", "true")
        board.up().ok()
        step = '{"at": "2026-01-01T00:00:00Z", "route": "users", "from": 0, "to": 100, "event": "advanced", "why": ""}'
        (reports / STEPS).write_text(step + "\n")
        load.until(1000)
        expect(routes.get_by_role("row", name="/api/users all users 100 %")).to_be_visible(timeout=20_000)
        expect(diagram).to_have_attribute("aria-label", re.compile("users: /api/users$"))
        expect(users).to_contain_text(re.compile(r"[1-9]\d*\.\d"))
        expect(users).to_contain_text("ms")
        expect(page.get_by_role("listitem")).to_have_text("2026-01-01T00:00:00Z users 0 % to 100 %, advanced")
        page.screenshot(path=os.environ.get("STRANGLER_PICTURE", tmp_path / "page.png"), full_page=True)
    assert load.failures == []
    expect(page.get_by_role("alert")).to_be_hidden()


def test_once_prints_the_same_as_text(board: Board, address: str) -> None:  # noqa: ARG001
    with Load(board.port, rate=100) as load:
        done = subprocess.run(
            [sys.executable, "-m", "tools.watch", "watch", board.stack],
            cwd=board.folder,
            env={**board.environ, "PYTHONPATH": str(PROJECT), "ONCE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert load.failures == []
    assert done.returncode == 0, done.stderr
    assert re.search(r"^  all +[1-9]\d*\.\d +0\.0 % +\S+ ms", done.stdout, re.MULTILINE), done.stdout
    assert "/api/users" in done.stdout


def test_without_its_facade_the_page_says_so(board: Board, page: Page) -> None:
    (name,) = board.containers("facade")
    subprocess.run([os.environ.get("STRANGLER_DOCKER", "docker"), "stop", name], check=True, capture_output=True)
    expect(page.get_by_role("alert")).to_contain_text("Envoy doesn't answer", timeout=40_000)
