"""f.map with a strategy of two replicas, in processes of their own: two devices of one, and two workers."""

import json
import os
import socket
import subprocess
import sys

import pytest
from paths import PACKAGE, TESTS

PROGRAM = TESTS / "support" / "replicas.py"
pytestmark = pytest.mark.slow

SECONDS = 240


def started(arguments, folder, **environment):
    paths = [str(PACKAGE.parent), str(PROGRAM.parent)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment}
    log = folder / f"{'-'.join(arguments)}.log"
    with log.open("w") as file:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments], env=environment, stdout=file, stderr=file
        ), log


def ended(processes):
    """What processes printed last, as JSON; none is left running."""
    try:
        for process, _ in processes:
            process.wait(timeout=SECONDS)
    finally:
        for process, _ in processes:
            process.kill()
            process.wait()
    found = []
    for process, log in processes:
        text = log.read_text()
        assert process.returncode == 0, text[-3000:]
        found.append(json.loads(text.splitlines()[-1]))
    return found


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def test_two_devices(tmp_path):
    (found,) = ended([started(["devices"], tmp_path)])
    assert found == {
        "replicas": 2,
        "equal to the bit": {"outside": True, "scope": True, "frozen": True, "compiled by XLA": True},
        "last batch": {"outside": True, "scope": True, "frozen": True, "compiled by XLA": True},
        "dtypes": ["float32", "float32", "int64", "bool"],
        "devices": ["CPU:0", "CPU:1"],
        "batches": [4, 7],
        "XLA with weights of another device": "InvalidArgumentError",
        "indivisible": "ValueError",
    }


def test_two_workers(tmp_path):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    tasks = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": n}}) for n in range(2)]
    found = ended([started(["workers", str(n)], tmp_path, TF_CONFIG=task) for n, task in enumerate(tasks)])
    for number, worker in enumerate(found):
        assert worker == {
            "replicas": 2,
            "equal to the bit": True,
            "last batch": True,
            "share of the work": 2,
            "left out": [10, [6]],
            "one has fewer items": ["K2RuntimeError", 8],
            "one cannot read": [["K2RuntimeError", 4], ["ItemError", 4]][number],
            "one goes on, one stops": [["K2RuntimeError", 2], ["none", 1]][number],
            "after all that": True,
        }
