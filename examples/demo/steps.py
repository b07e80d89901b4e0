# SPDX-License-Identifier: MIT
"""The steps of the demo: each returns what the client saw, or raises Problem."""

import math
import time

from clients import SECONDS_MAX, Client, Operator, Problem

HOST = "127.0.0.1"
ALLOWED = "127.0.0.4"
DENIED = "127.0.0.5"
DATA = bytes(range(256)) * 1024  # 256 KiB: more than one receive
REPEATED_SECONDS = 1.2  # by then a client has repeated a SYN that was not answered


def expect(seen, expected):
    if seen != expected:
        raise Problem(f"{seen!r} instead of {expected!r}")


class Steps:
    def __init__(self, server, time_limit_seconds):
        self._server = server
        self._port = server.ports
        self._asked_before_handshake = server.gate == "syn"
        self._time_limit_seconds = time_limit_seconds
        self._operator = Operator(HOST, self._port["operator"])
        # The step that takes long runs beside the others.
        self._slow_started = time.monotonic()
        self._slow = self._knock("127.0.0.9")

    def _knock(self, source):
        return Client(source, HOST, self._port["gatekeeper"])

    def _expect_pended(self, client, seconds):
        """Held at the SYN a client keeps connecting; held later it is connected, and hears nothing."""
        if self._asked_before_handshake:
            expect(client.connects_within(seconds), False)
        else:
            expect(client.connects_within(SECONDS_MAX), True)

    def _turned_away(self, client):
        fate = client.fate()
        expect(fate, "was refused" if self._asked_before_handshake else "connected and was reset")
        return f"{client.source} {fate}"

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
        started = time.monotonic()
        seen = self._turned_away(self._knock(DENIED))
        return f"{seen} within {math.ceil((time.monotonic() - started) * 1000)} ms"

    def pended_then_accepted(self):
        client = self._knock("127.0.0.6")
        number = self._operator.wait_for(client.source)
        self._expect_pended(client, REPEATED_SECONDS)
        expect(self._operator.command(f"accept {number}"), f"accepted {number}")
        greeting = client.receive_line()
        expect(greeting, f"welcome, request {number}")
        client.echo(b"thank you")
        client.finish()
        waited = "kept connecting" if self._asked_before_handshake else "connected and heard nothing"
        return f"{client.source} {waited} until the operator accepted, then was told '{greeting}'"

    def pended_then_rejected(self):
        client = self._knock("127.0.0.7")
        number = self._operator.wait_for(client.source)
        self._expect_pended(client, 0)
        expect(self._operator.command(f"reject {number}"), f"rejected {number}")
        return f"{self._turned_away(client)} when the operator rejected request {number}"

    def pended_then_given_up(self):
        client = self._knock("127.0.0.8")
        number = self._operator.wait_for(client.source)
        self._expect_pended(client, 0)
        client.give_up()
        self._operator.wait_until_gone(client.source)
        said = f"request {number}: the client has gone away"
        self._server.wait_for_line(f"gatekeeper: {said}")
        expect(self._operator.command(f"accept {number}"), f"no request {number} is waiting")
        gave_up = "stopped connecting" if self._asked_before_handshake else "connected, then went away"
        return f"{client.source} {gave_up}, and the gatekeeper said '{said}'"

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
