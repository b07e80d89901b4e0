# SPDX-License-Identifier: MIT
"""A flood of SYNs for a conditional listener with the SYN gate: its memory stays bounded, nobody slips in, and
those who are allowed get in again when it is over."""

import contextlib
import pathlib
import re
import select
import socket
import subprocess
import sys
import time

import network
from clients import Operator
from served import MEGABYTE, Failure, Served, wait_until

FLOOD = pathlib.Path(__file__).with_name("flood.py")
HELD_MAX = 4096  # held_at_the_syn of src/net/gate_bounds.h
MEMORY_MORE_MAX = 16 * MEGABYTE
FLOOD_SECONDS_MAX = 600
IN_AGAIN_SECONDS_MAX = 20  # a silent client is given up after 10 s, and then a SYN must come again
ALLOWED, SPOOFED, STRANGER = "127.0.0.4", "10.66.0.4", "127.0.0.77"
TRY_SECONDS = 0.3
CLIENTS = 50  # that want to get in again, more than slip in by luck
LET_IN = "let in"


def run(programs, syns):
    subprocess.run(["ip", "route", "replace", "10.66.0.0/16", "dev", "lo"], check=True)
    return f"{_against_gatekeeper(programs, syns)}; {_above_the_bound(programs, max(syns // 4, 3 * HELD_MAX))}"


class Flood:
    """One flood, and what is seen of the server meanwhile."""

    def __init__(self, programs, server, may_connect):
        self._programs = programs
        self._server = server
        self._may_connect = may_connect
        self._memory_before = server.memory()
        self.memory_more = 0
        self.in_again = 0.0  # seconds, the longest

    def run(self, kind, count):
        command = [sys.executable, str(FLOOD), str(self._server.port), kind, str(count)]
        deadline = time.monotonic() + FLOOD_SECONDS_MAX
        with subprocess.Popen(command, start_new_session=True) as flood:
            try:
                while flood.poll() is None:
                    self._look()
                    if time.monotonic() > deadline:
                        raise Failure(f"a flood of {count} SYNs took longer than {FLOOD_SECONDS_MAX} s")
            finally:
                flood.kill()
        if flood.returncode != 0:
            raise Failure(f"flood.py ended with status {flood.returncode}")
        self._look()
        self._wait_until_in_again(kind)

    def result(self):
        more = f"{self.memory_more / MEGABYTE:+.1f} MiB"
        return f"at most {more}, {CLIENTS} allowed clients in again after {self.in_again:.1f} s"

    def _look(self):
        if connects(self._server.port, STRANGER):
            raise Failure(f"{STRANGER} was connected, and nobody had accepted it")
        for remote, state in network.connections_to(self._server.port):
            if remote not in self._may_connect and state in (network.ESTABLISHED, network.SYN_RECV):
                raise Failure(f"{remote} came past the gate: state {state}")
        self.memory_more = max(self.memory_more, self._server.memory() - self._memory_before)
        if self.memory_more > self._programs.memory_bound(MEMORY_MORE_MAX):
            raise Failure(f"{self._server.driver} grew by {self.memory_more / MEGABYTE:.1f} MiB in the flood")

    def _wait_until_in_again(self, kind):
        start = time.monotonic()
        fates = fates_of(self._server.port, ALLOWED, CLIENTS, IN_AGAIN_SECONDS_MAX)
        others = [fate for fate in fates if fate != LET_IN]
        if others:
            raise Failure(
                f"after the {kind} flood {len(others)} of {CLIENTS} did not get in again within"
                f" {IN_AGAIN_SECONDS_MAX} s: {', '.join(others)}"
            )
        self.in_again = max(self.in_again, time.monotonic() - start)


def connects(port, source, seconds=TRY_SECONDS):
    """Whether it is let in: gatekeeper says so, an echo server repeats what it hears."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), seconds, (source, 0)) as client:
        client.sendall(b"f")
        return client.recv(1) != b""
    return False


def fates_of(port, source, count, seconds_max):
    """What becomes of so many clients at once; of those who are let in, LET_IN."""
    deadline = time.monotonic() + seconds_max
    with contextlib.ExitStack() as stack, select.epoll() as epoll:
        clients = {}
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.bind((source, 0))
            client.connect_ex(("127.0.0.1", port))
            clients[client.fileno()] = client
            epoll.register(client, select.EPOLLOUT)
        fates = dict.fromkeys(clients, "not connected")
        waiting = count
        while waiting > 0 and (left := deadline - time.monotonic()) > 0:
            for descriptor, event in epoll.poll(left):
                if event == select.EPOLLOUT:  # connected
                    clients[descriptor].send(b"f")
                    epoll.modify(descriptor, select.EPOLLIN)
                    fates[descriptor] = "connected, but not answered"
                    continue
                epoll.unregister(descriptor)
                waiting -= 1
                try:
                    fates[descriptor] = LET_IN if clients[descriptor].recv(1) else "closed by the server"
                except OSError as error:
                    fates[descriptor] += f", then {error.strerror}"
    return list(fates.values())


def _against_gatekeeper(programs, syns):
    lists = ["--set-list", f"gatekeeper.Allow={ALLOWED},{SPOOFED}", "--set", "gatekeeper.TimeLimitSeconds=3"]
    with Served(programs, "gatekeeper", *lists, gate="strict") as server:
        flood = Flood(programs, server, {ALLOWED, SPOOFED})
        for kind in "silent", "present", "allowed":
            flood.run(kind, syns // 3)
        _let_stranger_in(server)
        drops = _kernel_drops()
        summary = server.finish()
        _check_who_connected(server)
    counts = re.search(r"(\d+) rejected, (\d+) aborted", summary)
    return (
        f"gatekeeper, {syns} SYNs: {counts[1]} rejected, {counts[2]} aborted,"
        f" {drops} dropped by the kernel, {flood.result()}, nobody else connected"
    )


def _let_stranger_in(server):
    """What waits of the flood runs out of time; then there is room for one whom the operator accepts."""
    operator = Operator("127.0.0.1", server.ports["operator"])
    what = "the attempts of the flood did not leave the operator"
    wait_until(lambda: not operator.waiting(), IN_AGAIN_SECONDS_MAX, what)
    with socket.socket() as stranger:
        stranger.bind((STRANGER, 0))
        stranger.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            stranger.connect(("127.0.0.1", server.port))
        number = operator.wait_for(STRANGER)
        if operator.command(f"accept {number}") != f"accepted {number}":
            raise Failure("the operator could not accept")
        stranger.setblocking(True)
        stranger.settimeout(IN_AGAIN_SECONDS_MAX)
        if not stranger.recv(64).startswith(b"welcome"):
            raise Failure("who was accepted by the operator was not welcomed")
    operator.quit()


def _check_who_connected(server):
    connected = re.compile(r"gatekeeper: request \d+ from (\S+):\d+: connected")
    sources = [match[1] for match in map(connected.search, server.lines) if match]
    others = set(sources) - {ALLOWED, STRANGER}
    if others or sources.count(STRANGER) != 1:
        raise Failure(f"connected: {sorted(set(sources))}, {STRANGER} {sources.count(STRANGER)} times")


def _above_the_bound(programs, syns):
    """The driver never decides, so that the provider's own bound is met."""
    with Served(programs, "pend_others", gate="strict", program=programs.counting_run) as server:
        flood = Flood(programs, server, {ALLOWED})
        flood.run("silent", syns)
        # By the gate, not by the end of the listener.
        what = "not all SYNs that were held were given up"
        wait_until(lambda: (network.queued() or [0])[0] == 0, IN_AGAIN_SECONDS_MAX, what)
        drops = _kernel_drops()
        summary = server.finish()
    dropped = int(re.search(r"dropped=(\d+)", server.last_line("counted: "))[1])
    held = int(re.search(r"(\d+) aborted", summary)[1])
    known = f"{held} given up, {dropped} dropped and counted, {drops} dropped by the kernel"
    if dropped == 0 or (drops != "?" and dropped + held + drops < syns):
        raise Failure(f"of {syns} SYNs without a verdict not all are accounted for: {known}")
    return f"no verdicts, {syns} SYNs: {known}, {flood.result()}"


def _kernel_drops():
    state = network.queued()
    return "?" if state is None else state[1]
