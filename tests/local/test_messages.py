"""Topics and queues on this machine, with the example workspace: what is posted to its web service is worked on by its
worker, and seen through its backend."""

import http.client
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from components.local.waiting import wait_until
from components.model.image_source import BUILD_ARGS
from tests.local.board import PROJECT, Board, WarmBoard, docker
from tests.local.test_up import verb
from tools.offline import images
from tools.setup.place import Place

ORDERS = 240
CLIENTS = 4

NEAR = "require('http').createServer((_, it) => it.end(JSON.stringify(process.env))).listen(9000, '127.0.0.1')"
ASK = "fetch('http://127.0.0.1:9000').then(it => it.text()).then(console.log)"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """The example workspace, up; its worker and its backend have a sidecar each."""
    nothing = tmp_path_factory.mktemp("none") / "services"
    nothing.mkdir()
    made = WarmBoard(tmp_path_factory.mktemp("board") / "project", nothing)
    try:
        shutil.copytree(
            PROJECT / "examples/copilot-orders", made.folder / "orders", ignore=shutil.ignore_patterns("node_modules")
        )
        for name in ("packer", "ledger"):
            with_sidecar(made.folder / "orders/copilot" / name, name)
        made.environ[BUILD_ARGS] = f"{made.environ.get(BUILD_ARGS, '')} {base_image_of_the_broker()}"
        made.config("copilot", "orders/copilot")
        made.config("copilotEnvironment", "test")
        made.config("exports.orders-test-HelpMail", "help@example.com", path=True)
        made.up().ok()
        yield made
    finally:
        made.remove()


def with_sidecar(folder: Path, name: str) -> None:
    """Gives a service a sidecar that it waits for, of its own image, which tells those of its task what it knows, and
    mounts a volume of a patch of Copilot's template."""
    manifest = yaml.safe_load((folder / "manifest.yml").read_text())
    manifest["image"]["depends_on"] = {"near": "start"}
    near = {
        "image": {"build": f"{name}/Dockerfile"},
        "command": ["node", "-e", NEAR],
        "mount_points": [{"source_volume": "scratch", "path": "/scratch"}],
    }
    (folder / "manifest.yml").write_text(yaml.safe_dump({**manifest, "sidecars": {"near": near}}, sort_keys=False))
    (folder / "overrides").mkdir()
    patch = {"op": "add", "path": "/Resources/TaskDefinition/Properties/Volumes", "value": [{"Name": "scratch"}]}
    (folder / "overrides/cfn.patches.yml").write_text(yaml.safe_dump([patch]))


def main(board: Board, service: str) -> list[str]:
    """The main containers of a service, without those beside them."""
    return [name for name in board.containers(service) if not name.endswith((".near", "-network"))]


def base_image_of_the_broker() -> str:
    """A build argument, where the engine can't pull the image; `make up` does the same for a project with messages."""
    engine = images.Engine(os.environ.get("STRANGLER_DOCKER", "docker"), os.environ)
    wanted = images.defaults("BROKER_PYTHON", [PROJECT / images.DOCKERFILES["BROKER_PYTHON"]])
    if all(engine.ask("image", "inspect", image) is not None for image in wanted):
        return ""
    made = images.made_image(Place(PROJECT), engine, "BROKER_PYTHON", wanted)
    return f"BROKER_PYTHON={made}" if made else ""


def order(board: Board, **about: str) -> str:
    """Posts an order, and returns its id."""
    connection = http.client.HTTPConnection("127.0.0.1", board.port, timeout=30)
    try:
        connection.request("POST", "/orders", json.dumps(about))
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 202, body
        return json.loads(body)["id"]
    finally:
        connection.close()


def packed(board: Board) -> int:
    """How many orders the ledger knows."""
    return json.loads(board.get("/orders")[1])["packed"]


def lacking(board: Board, ids: list[str]) -> list[str]:
    """Which of these orders it doesn't know."""
    return [one for one in ids if board.get(f"/orders/{one}")[0] != 200]


def broker(board: Board) -> str:
    """The name of the broker's container."""
    return next(name for name in board.containers() if name.endswith("-broker"))


def broker_life(board: Board) -> str:
    """Which container the broker is, and since when it runs."""
    return docker("inspect", "-f", "{{.Id}} {{.State.StartedAt}}", broker(board))


def test_a_worker_and_a_backend_have_their_sidecars_on_their_own_network(shop: Board) -> None:
    worker, backend = (
        json.loads(docker("exec", main(shop, name)[0], "node", "-e", ASK)) for name in ("packer", "ledger")
    )
    assert worker["COPILOT_QUEUE_URI"].endswith("-packer-EventsQueue")
    assert (backend["COPILOT_SERVICE_NAME"], backend.get("COPILOT_QUEUE_URI")) == ("ledger", None)
    (near,) = [name for name in shop.containers("ledger") if name.endswith(".near")]
    assert docker("inspect", "-f", "{{range .Mounts}}{{.Destination}}{{end}}", near).strip() == "/scratch"
    assert docker("inspect", "-f", "{{len .Mounts}}", main(shop, "ledger")[0]).strip() == "0"


def test_what_is_posted_is_worked_on_though_a_worker_is_killed_meanwhile(shop: Board) -> None:
    ids: list[str] = []

    def client(number: int) -> None:
        for count in range(ORDERS // CLIENTS):
            ids.append(order(shop, item=f"{number}-{count}"))

    letter = order(shop, kind="letter")
    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in clients:
        thread.start()
    assert wait_until(lambda: len(ids) > ORDERS / 4, seconds=60)
    docker("kill", main(shop, "packer")[0])
    for thread in clients:
        thread.join()
    assert len(set(ids)) == ORDERS
    assert wait_until(lambda: packed(shop) >= ORDERS, seconds=60)
    assert lacking(shop, ids) == []
    assert packed(shop) == ORDERS
    assert lacking(shop, [letter]) == [letter]  # its subscription's filter leaves it out


def test_the_broker_keeps_its_messages_while_what_it_holds_and_who_takes_them_change(shop: Board) -> None:
    before, known = broker_life(shop), packed(shop)
    for name in main(shop, "packer"):
        docker("stop", "-t", "1", name)
    ids = [order(shop, item="waits") for _ in range(20)]
    time.sleep(1)
    assert packed(shop) == known
    shop.edit("orders/copilot/packer/manifest.yml", "tries: 10", "tries: 9")
    shop.config("services.packer.count", "1", path=True)
    assert shop.up().ok().changed() >= {"topology"}
    assert broker_life(shop) == before
    assert wait_until(lambda: lacking(shop, ids) == [], seconds=30)
    assert shop.up().ok().changed() == set()
    assert broker_life(shop) == before


def test_a_restarted_broker_has_its_topics_and_queues_again(shop: Board) -> None:
    docker("restart", "-t", "1", broker(shop))
    ids: list[str] = []

    def ordered() -> bool:
        try:
            ids.append(order(shop, item="later"))
        except AssertionError:
            return False
        return True

    assert wait_until(ordered, seconds=30)
    assert wait_until(lambda: lacking(shop, ids) == [], seconds=30)


def test_a_message_that_nobody_can_work_on_comes_to_rest_among_the_dead_letters(shop: Board) -> None:
    assert in_broker(shop, "send_message(QueueUrl=own, MessageBody='no order')")
    counted = "get_queue_attributes(QueueUrl=dead, AttributeNames=['All'])['Attributes']['ApproximateNumberOfMessages']"
    assert in_broker(shop, "set_queue_attributes(QueueUrl=own, Attributes={'VisibilityTimeout': '0'})")
    assert wait_until(lambda: in_broker(shop, counted) == "1", seconds=40, every=1)


def in_broker(board: Board, call: str) -> str:
    """What a call of SQS returns, with the worker's queues `own` and `dead`."""
    program = f"""
import botocore.session
sqs = botocore.session.get_session().create_client(
    "sqs", endpoint_url="http://127.0.0.1:4566", region_name="eu-west-3", aws_access_key_id="a",
    aws_secret_access_key="b",
)
urls = sorted(sqs.list_queues()["QueueUrls"])
own, dead = (next(url for url in urls if url.endswith(end)) for end in ("packer-EventsQueue", "DeadLetters"))
print(sqs.{call})
"""
    return docker("exec", broker(board), "python3", "-c", program).strip()


def test_the_job_counts_what_was_packed(shop: Board) -> None:
    done = verb(shop, "job", NAME="nightly")
    assert done.returncode == 0, done.stderr
    assert f"{packed(shop)} orders packed" in done.stdout


def test_the_page_knows_what_cloudformation_says_and_lacks_what_it_could_not_be_told(shop: Board) -> None:
    assert json.loads(shop.get("/")[1]) == {"help": "help@example.com"}
