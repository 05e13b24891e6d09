"""The monolith's answers are those of the tutorial's message board, and each service's are the monolith's."""

from dataclasses import dataclass

import pytest

from tests.node.docker_cli import SERVICES, Answer, Container

MICROSERVICES = tuple(service for service in SERVICES if service != "monolith")
GET_PATHS = (
    "/",
    "/api",
    "/api/",
    "/api/users",
    "/api/users/2",
    "/api/threads",
    "/api/threads/1",
    "/api/posts",
    "/api/posts/in-thread/1",
    "/api/posts/by-user/2",
)
UNKNOWN_PATHS = ("/users", "/nope", "//api/users", "/api/posts/1", "/api/nope", "/api/users/2/x", "/api/posts/by-user")
TEXT = "text/plain; charset=utf-8"
JSON = "application/json; charset=utf-8"
FINN = (
    b'{"id":2,"username":"finn","name":"Finn \'the Human\' Mertens",'
    b'"bio":"Adventurer and hero, last human, defender of good"}'
)
BONNIBEL = (
    b'{"id":3,"username":"pb","name":"Bonnibel Bubblegum",'
    b'"bio":"Scientist, bearer of candy power, ruler of the candy kingdom"}'
)
LICH = b'{"id":1,"title":"What\'s up with the Lich?","createdBy":4}'
THREADS = (
    b"[" + LICH + b',{"id":2,"title":"Party at the candy kingdom tomorrow","createdBy":3},'
    b'{"id":3,"title":"In search of a new guitar","createdBy":1}]'
)
ASKED = b'{"thread":1,"text":"Has anyone checked on the lich recently?","user":4}'
STOP_BY = b'{"thread":1,"text":"I\'ll stop by and see how he\'s doing tomorrow!","user":2}'
MATHEMATICAL = b'{"thread":2,"text":"Mathematical!","user":2}'


@dataclass(frozen=True)
class Case:
    """A request and the answer it gets. `body` as a number is the body's length."""

    method: str
    path: str
    status: int
    body: bytes | int = b""
    content_type: str | None = None
    allow: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def get(path: str, body: bytes | int, content_type: str = JSON) -> Case:
    return Case("GET", path, 200, body, content_type)


def not_found(method: str, path: str) -> Case:
    return Case(method, path, 404, b"Not Found", TEXT)


CASES = (
    get("/", b"Ready to receive requests", TEXT),
    get("/?a=b", b"Ready to receive requests", TEXT),
    get("/api", b"API ready to receive requests", TEXT),
    get("/api/", b"API ready to receive requests", TEXT),
    get("/API", b"API ready to receive requests", TEXT),
    get("/api/users", 460),
    get("/api/users/2", FINN),
    get("/api/users/3abc", BONNIBEL),
    get("/api/threads", THREADS),
    get("/api/threads/1", LICH),
    get("/api/threads/1x", LICH),
    get("/api/posts", 409),
    get("/api/posts/in-thread/1", b"[" + ASKED + b"," + STOP_BY + b"]"),
    get("/api/posts/by-user/2", b"[" + STOP_BY + b"," + MATHEMATICAL + b"]"),
    get("/api/posts/by-user/4x", b"[" + ASKED + b"]"),
    get("/api/posts/in-thread/99", b"[]"),
    get("/api/posts/by-user/99", b"[]"),
    get("/api/posts/in-thread/%zz", b"[]"),
    get("/API/users", 460),
    get("/api/users/", 460),
    get("/api/users?a=b", 460),
    get("/Api/Threads/", THREADS),
    get("/api/POSTS/?a=b", 409),
    *(Case("GET", f"/api/users/{id_}", 204) for id_ in ("99", "abc", "%zz", "%")),
    *(Case("GET", f"/api/threads/{id_}", 204) for id_ in ("9", "abc", "%zz")),
    *(Case("OPTIONS", path, 204, allow=("HEAD", "GET")) for path in GET_PATHS),
    *(
        Case(method, path, 405, b"Method Not Allowed", TEXT, ("HEAD", "GET"))
        for method in ("POST", "PUT", "PATCH", "DELETE")
        for path in GET_PATHS
    ),
    *(Case("TRACE", path, 501, b"Not Implemented", TEXT, ("HEAD", "GET")) for path in GET_PATHS),
    *(Case("TRACE", path, 501, b"Not Implemented", TEXT) for path in UNKNOWN_PATHS),
    *(
        not_found(method, path)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        for path in UNKNOWN_PATHS
    ),
)


def is_shared(path: str) -> bool:
    """Whether every service has the path: `/` and `/api`."""
    return path.partition("?")[0].lower() in {"/", "/api", "/api/"}


def is_of(service: str, path: str) -> bool:
    """Whether the path is the service's own, or below it."""
    return (path.lower().partition("?")[0] + "/").startswith(f"/api/{service}/")


def for_service(service: str, case: Case) -> Case:
    """The case as the service answers it: it knows no other service's paths."""
    if is_shared(case.path) or is_of(service, case.path):
        return case
    if case.method == "TRACE":
        return Case("TRACE", case.path, 501, b"Not Implemented", TEXT)
    return not_found(case.method, case.path)


def check(case: Case, answer: Answer) -> None:
    length = case.body if isinstance(case.body, int) else len(case.body)
    assert answer.status == case.status
    assert answer.body == case.body if isinstance(case.body, bytes) else len(answer.body) == length
    assert answer.all("Allow") == list(case.allow)
    assert answer.all("Content-Type") == ([case.content_type] if case.content_type else [])
    assert answer.all("Content-Length") == ([str(length)] if case.content_type else [])
    named = {"Content-Type", "Content-Length", "Allow"}
    assert {key for key, _ in answer.headers} - named == {"Date", "Connection", "Keep-Alive"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_monolith_answers_as_the_tutorials(case: Case, containers: dict[str, Container]) -> None:
    check(case, containers["monolith"].ask(case.method, case.path))


@pytest.mark.parametrize("service", MICROSERVICES)
def test_a_service_answers_as_the_monolith_on_its_own_paths_and_404_on_others(
    service: str, containers: dict[str, Container]
) -> None:
    own = 0
    for case in CASES:
        answer = containers[service].ask(case.method, case.path)
        check(for_service(service, case), answer)
        if is_shared(case.path) or is_of(service, case.path):
            own += 1
            assert answer.lasting() == containers["monolith"].ask(case.method, case.path).lasting(), str(case)
    assert own > 30


@pytest.mark.parametrize("service", SERVICES)
def test_head_has_the_headers_of_get_and_no_body(service: str, containers: dict[str, Container]) -> None:
    for path in GET_PATHS:
        head = containers[service].ask("HEAD", path)
        got = containers[service].ask("GET", path)
        assert (head.status, head.body) == (got.status, b"")
        if got.status == 200:
            assert head.lasting().headers == got.lasting().headers


@pytest.mark.parametrize("service", SERVICES)
def test_the_log_has_one_line_for_the_start_and_one_for_each_request(
    service: str, containers: dict[str, Container]
) -> None:
    before = containers[service].log()
    assert before[0] == "Worker started"
    requests = [("GET", "/api?q=a%20b"), ("HEAD", "/api"), ("POST", "/nope"), ("TRACE", "/%zz")]
    for method, path in requests:
        containers[service].ask(method, path)
    lines = containers[service].log()[len(before) :]
    assert [line.rpartition(" - ")[0] for line in lines] == [f"{method} {path}" for method, path in requests]
    assert all(line.rpartition(" - ")[2].isdecimal() for line in lines)
