# SPDX-License-Identifier: MIT
"""wskrun killed with its rules in place, under traffic, many times: the next one removes what it left."""

import contextlib
import socket
import threading

import network
from load import connect
from served import Failure, Served, wait_until

SECONDS_MAX = 30
CONNECTIONS = 50  # that are served before each end
TRY_SECONDS = 0.5


class Traffic:
    """A thread that connects all the time, whoever answers. Use it in a with statement."""

    def __init__(self, port):
        self._port = port
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.echoes = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        server = ("127.0.0.1", self._port)
        while not self._over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(server, TRY_SECONDS) as client:
                client.sendall(b"k")
                self.echoes += client.recv(1) == b"k"

    def wait_until_served(self):
        enough = self.echoes + CONNECTIONS
        wait_until(lambda: self.echoes >= enough, SECONDS_MAX, "clients were not served again")


def run(programs, rounds):
    nothing, seen_with = network.rules()
    if not seen_with:
        raise Failure("no program shows packet filter rules; script/bootstrap installs nft")
    with Served(programs, "conditional_echo", gate="strict") as server:
        port = server.port
        rules, _ = network.rules()
        server.finish()
    if rules == nothing:
        raise Failure("no rules were seen, so nothing is known about leftovers")
    left = 0
    with Traffic(port) as traffic:
        for _ in range(rounds):
            with Served(programs, "conditional_echo", gate="strict", port=port) as server:
                _check("after a start", rules)
                traffic.wait_until_served()
                server.kill()
            left += _make_sure_that_rules_are_left(nothing, rules, seen_with)
    with Served(programs, "conditional_echo", gate="strict", port=port) as server:
        connect(programs, port, CONNECTIONS, "plain")
        server.finish()
    _check("after an end in good order", nothing)
    return (
        f"killed {rounds} times under traffic, {traffic.echoes} echoes; left rules {left} times, "
        f"each time gone after the next start, seen with {' and '.join(seen_with)}"
    )


def _check(when, expected):
    rules, _ = network.rules()
    if rules != expected:
        raise Failure(f"rules {when}:\n{rules}\nwhere these were expected:\n{expected}")


def _make_sure_that_rules_are_left(nothing, rules, seen_with):
    """New kernels remove tables with their owner. Where that has happened, do as an old one."""
    left, _ = network.rules()
    if left == nothing and "nft" in seen_with and "table" in rules:
        network.leave_rules(rules)
        left, _ = network.rules()
    return left != nothing
