"""A list of requests is read whatever its form, and a line that can't be read is told with its place."""

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from components.aws.plan.http_api_log import LOG_FORMAT
from components.compare.request import Request
from components.compare.request_list import ListError, requests
from components.compare.sides import MIXED, OTHER, SAME, Sides, headers_of, why_not
from components.model.routes import Route, RouteTable, Testers

ALB = (
    "https 2026-11-29T22:23:00.186641Z app/board/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 "
    '200 200 0 57 "{}" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 '
    "arn:aws:elasticloadbalancing:us-east-2:123456789012:"
    'targetgroup/users/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:x" 1 '
    '2026-11-29T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1'
)
"""As the ELB user guide has it («Access logs for your Application Load Balancer», example entries)."""

ENVOY = '[2026-11-29T20:37:02.186Z] "{}" 200 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0" "locations" "tcp://10.0.2.1:80"'
"""As Envoy's documentation has it (the default format string)."""

HTTP_API = json.dumps(dict.fromkeys(json.loads(LOG_FORMAT), "$x"))


def in_file(folder: Path, *lines: str) -> list[Request]:
    path = folder / "some.requests"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return list(requests(path))


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("/api/users", Request("GET", "/api/users")),
        ("GET /api/users?a=b%20c#top", Request("GET", "/api/users?a=b%20c")),
        ("DELETE /api/users/é HTTP/1.1", Request("DELETE", "/api/users/%C3%A9")),
        ('{"path": "/a"}', Request("GET", "/a")),
        (
            '{"method": "POST", "path": "/a", "headers": {"X-A": "b"}, "body": "text"}',
            Request("POST", "/a", (("X-A", "b"),), b"text"),
        ),
        (
            '{"method": "PUT", "path": "/a", "body": {"b": [1]}}',
            Request("PUT", "/a", (("Content-Type", "application/json"),), b'{"b": [1]}'),
        ),
        (
            ALB.format("GET https://www.example.com:443/api/users?a=b HTTP/2.0"),
            Request("GET", "/api/users?a=b", logged=True),
        ),
        (ALB.format("POST http://www.example.com:80/api HTTP/1.1"), Request("POST", "/api", logged=True)),
        (ENVOY.format("HEAD /api/users/2 HTTP/1.1"), Request("HEAD", "/api/users/2", logged=True)),
        (
            HTTP_API.replace('"method": "$x"', '"method": "GET"').replace('"path": "$x"', '"path": "/b"'),
            Request("GET", "/b", logged=True),
        ),
        (
            '2026-11-29T22:23:00 $default {"method": "GET", "path": "/b", "status": "200"}',
            Request("GET", "/b", logged=True),
        ),
    ],
)
def test_a_line_is_a_request_by_its_content(tmp_path: Path, line: str, request_: Request) -> None:
    assert in_file(tmp_path, "# a remark", "", line) == [request_]


@pytest.mark.parametrize("line", [ALB.format("- http://www.example.com:80- -"), ENVOY.format("- - HTTP/1.1")])
def test_what_a_log_has_of_clients_that_sent_no_request_is_passed_over(tmp_path: Path, line: str) -> None:
    assert in_file(tmp_path, line) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "api/users",
            "'api/users' is not a request; write /path, GET /path, JSON with path, or lines of an access log",
        ),
        ("get /api/users", "'get /api/users' is not a request; "),
        ('{"path": "/a"', "invalid JSON: "),
        ('{"path": "a"}', 'path "a": write one that begins with /; '),
        ('{"path": "/a", "method": "get"}', 'method "get": write GET or the like; '),
        ('{"path": "/a", "headers": []}', "headers: write them as an object; "),
        ('{"path": "/a", "headers": {"X A": "b"}}', 'header "X A": write a name and a text; '),
        ('{"path": "/a", "headers": {"X-A": "b\\r\\nX-B: c"}}', 'header "X-A": write a name and a text; '),
        ('{"url": "/a"}', "neither a request, with the keys method, path, headers, body, nor a log line"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_with_its_place(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ListError) as failure:
        in_file(tmp_path, "/api/users", line)
    assert str(failure.value).startswith(f"{tmp_path}/some.requests:2: {message}")
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory; give a file that can be read"),
        (b"\xff\xfe/\x00a\x00", "not a text file; "),
        (gzip.compress(b"/api/users\n" * 100, mtime=0)[:-20], "Compressed file ended"),
        (b'{"log": {"entries": 3}}', "not a HAR file: 'int' object is not iterable; export it again"),
        (b'{"log": {}}', "not a HAR file: no 'entries'; export it again"),
        (b'{"log": {"entries": [', "not a HAR file: Expecting value"),
        (b'{"log": {"entries": [{"request": {"method": "GET"}}]}}', "log.entries[0].request: 'url'; remove it"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "some.requests"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ListError) as failure:
        list(requests(path))
    assert str(failure.value).startswith(f"{path}: {message}")
    assert "\n" not in str(failure.value)


def test_a_har_file_is_read_without_what_belongs_to_the_browsers_connection_and_cache(tmp_path: Path) -> None:
    headers = {
        ":path": "/a",
        "Host": "x",
        "Accept-Encoding": "br",
        "If-None-Match": "1",
        "Cookie": "a=b",
        "Accept": "*/*",
    }
    entry = {
        "method": "POST",
        "url": "https://www.example.com/api/users?a=b",
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "postData": {"mimeType": "text/plain", "text": "body"},
    }
    path = tmp_path / "board.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [{"request": entry}]}}, indent=2))
    sent = (("Cookie", "a=b"), ("Accept", "*/*"))
    assert list(requests(path)) == [Request("POST", "/api/users?a=b", sent, b"body")]


def test_a_long_list_is_read_line_by_line_zipped_or_not(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    line = ALB.format("GET https://www.example.com:443/api/users/2 HTTP/2.0")
    path.write_bytes(gzip.compress(f"{line}\n".encode() * 20_000))
    tracemalloc.start()
    assert sum(1 for _ in requests(path)) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


PREVIEW = Testers("X-Preview", "users")
TABLE = RouteTable.of(
    [
        Route("users", "/api/users", "users", testers=PREVIEW),
        Route("photos", "/api/users/{id}/photos", "photos", weight=100),
        Route("likes", "/api/users/{id}/likes", "likes", weight=30),
        Route("notes", "/api/users/{id}/notes", "notes"),
    ],
    "monolith",
)
AT_ONE_URL = Sides("http://old", "http://old", PREVIEW)


@pytest.mark.parametrize("sides", [AT_ONE_URL, Sides("http://old", "http://new")])
@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/api/users?x=/api/posts", ""),
        ("/api/users/2/notes", ""),
        ("/api/users/2/photos", SAME),
        ("/api/users/2/likes", MIXED),
        ("/api/usersx", OTHER),
        ("/api/posts", OTHER),
    ],
)
def test_only_requests_that_the_route_takes_are_compared(sides: Sides, target: str, why: str) -> None:
    assert why_not(TABLE, "users", sides, Request("GET", target)) == why


def test_a_request_that_carries_the_mark_is_sent_to_the_old_side_without_it() -> None:
    request = Request("GET", "/api/users", (("x-preview", "users"), ("Accept", "*/*"), ("Connection", "close")))
    assert headers_of(request, PREVIEW, marked=False) == [("Accept", "*/*")]
    assert headers_of(request, PREVIEW, marked=True) == [("Accept", "*/*"), ("X-Preview", "users")]
    assert why_not(TABLE, "users", AT_ONE_URL, request) == ""


def test_a_cookie_that_is_the_mark_joins_and_leaves_the_others() -> None:
    mark, request = Testers("preview", "users", cookie=True), Request("GET", "/", (("Cookie", "a=b; preview=x; c=d"),))
    assert headers_of(request, mark, marked=False) == [("Cookie", "a=b; c=d")]
    assert headers_of(request, mark, marked=True) == [("Cookie", "a=b; c=d; preview=users")]
    assert headers_of(Request("GET", "/"), mark, marked=False) == []
