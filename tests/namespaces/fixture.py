# SPDX-License-Identifier: MIT
"""What the tests between namespaces share: wskrun here, clients and operators over there.

Finds wskrun in $WSKRUN and the drivers in $DRIVERS, adds $WSKRUN_OPTIONS; uses the demo's clients.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

import namespace
from clients import Operator
from network import SKIPPED, Network, enter_namespaces
from server import Server

WSKRUN = os.environ["WSKRUN"]
DRIVERS = pathlib.Path(os.environ["DRIVERS"])
OPTIONS = os.environ.get("WSKRUN_OPTIONS", "").split()
UNLOAD_SECONDS_MAX = 60  # although some clients do not answer any more, and a busy host keeps a CPU for seconds


class RemoteOperator(Operator):
    _WAITING = re.compile(r"^request (\d+) from \[?([^\s\]]+)\]?:\d+, ")

    def __init__(self, client):
        self._client = client
        self._client.receive_line()  # the welcome


def start(address, *options, drivers=("echo_irp", "echo_event", "gatekeeper"), port=0):
    names = []
    arguments = ["--verbose"]
    for driver in drivers:
        names += [driver, "operator"] if driver == "gatekeeper" else [driver]
        arguments += ["--set", f"{driver}.Port={port}", "--set", f"{driver}.Address={address}"]
    if "gatekeeper" in drivers:
        arguments += ["--set", "gatekeeper.OperatorPort=0"]
    paths = [DRIVERS / f"{driver}.sys.so" for driver in drivers]
    return Server(WSKRUN, paths, [*arguments, *options, *OPTIONS], names, echo_output=False)


def noticed_within(lived):
    """How many seconds it may take to notice that a client has gone which had been there for `lived` seconds.

    It is probed, and missed where its next SYN should have come, 1, 3, 7 ... s after the first. Without probes it is
    missed after 9.5 s at the earliest.
    """
    expected = 1
    while expected < lived + 0.5:
        expected = 2 * expected + 1
    return max(9, 2 * expected + 3) - lived


def where_it_is(pid):
    """The stacks of all threads of a process that hangs, in the kernel and outside."""
    texts = []
    gdb = ["gdb", "--batch", "--nx", "--pid", str(pid), "--eval-command", "thread apply all backtrace"]
    try:
        # Root of the whole machine may look into the kernel.
        for task in sorted(pathlib.Path(f"/proc/{pid}/task").iterdir() if os.access("/proc/1/stack", os.R_OK) else []):
            texts += [f"thread {task.name} in the kernel:", (task / "stack").read_text(encoding="ascii")]
        answer = subprocess.run(gdb, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        texts += [answer.stdout, answer.stderr]
    except (OSError, subprocess.TimeoutExpired) as error:
        texts.append(str(error))
    return "\n".join(texts)


class NamespacesTest(unittest.TestCase):
    def setUp(self):
        self.network = self.enterContext(Network())

    def assert_ends_well(self, server):
        server._process.send_signal(signal.SIGTERM)
        try:
            status = server._process.wait(UNLOAD_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            where = where_it_is(server._process.pid)
            self.fail(f"not unloaded within {UNLOAD_SECONDS_MAX} s:\n" + "\n".join([*server.lines, where]))
        server.stop()  # reads the rest of what it said
        self.assertEqual(status, 0, "\n".join(server.lines))
        self.assertIn("no leaks", server.last_line("summary: ") or "")

    def assert_said(self, server, text):
        self.assertTrue(any(text in line for line in server.lines), text + "\n" + "\n".join(server.lines))

    def require(self, version):
        if version == 6 and self.network.without_ipv6 is not None:
            self.skipTest(self.network.without_ipv6)

    def operator(self, number, version, port):
        return RemoteOperator(self.network.client(number, version, port))

    def assert_turned_away(self, client, server):
        self.assertEqual(client.fate(), "was refused" if server.gate == "syn" else "connected and was reset")


def main():
    """Says what was skipped, and is then skipped as a whole rather than passed."""
    enter_namespaces()
    if "strict" in OPTIONS:
        gate, reason = namespace.find_gate(WSKRUN)
        if gate != "syn":
            print(f"skipped: {reason}")
            return SKIPPED
    result = unittest.main(exit=False, warnings="ignore").result  # about sockets that a test leaves to the end
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped else 0
