# SPDX-License-Identifier: MIT
"""The steps of the demo: each returns what the client saw, or raises Problem."""

import time

from clients import Client, Operator, Problem

HOST = "127.0.0.1"
ALLOWED = "127.0.0.4"
DENIED = "127.0.0.5"
DATA = bytes(range(256)) * 1024  # 256 KiB: more than one receive


def expect(seen, expected):
    if seen != expected:
        raise Problem(f"{seen!r} instead of {expected!r}")


class Steps:
    def __init__(self, server, time_limit_seconds):
        self._port = server.ports
        self._gate = server.gate
        self._time_limit_seconds = time_limit_seconds
        self._operator = Operator(HOST, self._port["operator"])
        # The step that takes long runs beside the others.
        self._slow_started = time.monotonic()
        self._slow = self._knock("127.0.0.9")

    def _knock(self, source):
        return Client(source, HOST, self._port["gatekeeper"])

    def _turned_away(self, client):
        return f"{client.source} {client.fate()} (gate: {self._gate})"

    def _echo(self, source, driver):
        client = Client(source, HOST, self._port[driver])
        client.echo(DATA)
        client.finish()
        return f"{source} sent {len(DATA) // 1024} KiB to {driver} and had them back"

    def accept_by_irp(self):
        return self._echo("127.0.0.2", "echo_irp")

    def accept_by_event(self):
        return self._echo("127.0.0.3", "echo_event")

    def allowed(self):
        client = self._knock(ALLOWED)
        greeting = client.receive_line()
        expect(greeting.startswith("welcome, request "), True)
        client.echo(DATA)
        client.finish()
        return f"{ALLOWED} was told '{greeting}'"

    def denied(self):
        return self._turned_away(self._knock(DENIED))

    def pended_then_accepted(self):
        client = self._knock("127.0.0.6")
        number = self._operator.wait_for(client.source)
        expect(self._operator.command(f"accept {number}"), f"accepted {number}")
        greeting = client.receive_line()
        expect(greeting, f"welcome, request {number}")
        client.echo(b"thank you")
        client.finish()
        return f"{client.source} waited, the operator accepted, and it was told '{greeting}'"

    def pended_then_rejected(self):
        client = self._knock("127.0.0.7")
        number = self._operator.wait_for(client.source)
        expect(self._operator.command(f"reject {number}"), f"rejected {number}")
        return f"{self._turned_away(client)} after the operator rejected request {number}"

    def pended_then_given_up(self):
        client = self._knock("127.0.0.8")
        number = self._operator.wait_for(client.source)
        client.give_up()
        self._operator.wait_until_gone(client.source)
        expect(self._operator.command(f"accept {number}"), f"no request {number} is waiting")
        return f"{client.source} went away, and request {number} left the operator's list"

    def timed_out(self):
        seen = self._turned_away(self._slow)
        seconds = time.monotonic() - self._slow_started
        if seconds < self._time_limit_seconds:
            raise Problem(f"{seen} after {seconds:.1f} s, before the {self._time_limit_seconds} s were over")
        self._operator.wait_until_gone(self._slow.source)
        self._operator.quit()
        return f"{seen} after {self._time_limit_seconds} s without a verdict"


ALL = [
    ("accept by IRP", Steps.accept_by_irp),
    ("accept by event", Steps.accept_by_event),
    ("allowed", Steps.allowed),
    ("denied", Steps.denied),
    ("pended, then accepted", Steps.pended_then_accepted),
    ("pended, then rejected", Steps.pended_then_rejected),
    ("pended, then given up", Steps.pended_then_given_up),
    ("timed out", Steps.timed_out),
]


def run(server, time_limit_seconds):
    """A line for each step; returns how many were as expected, and how many there are."""
    as_expected = 0
    try:
        steps = Steps(server, time_limit_seconds)
    except (Problem, OSError) as problem:
        print(f"the operator could not begin: {problem}", flush=True)
        return as_expected, len(ALL)
    for number, (name, step) in enumerate(ALL, 1):
        try:
            print(f"{number} {name}: {step(steps)}", flush=True)
            as_expected += 1
        except (Problem, OSError) as problem:
            print(f"{number} {name}: NOT AS EXPECTED: {problem}", flush=True)
    return as_expected, len(ALL)
