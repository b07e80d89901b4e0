# SPDX-License-Identifier: MIT
"""The parts where other drivers than the echoes are compared: connecting, a proxy, datagrams.

Each has its own plain program as yardstick, which does the same, and servers of its own, which stay for all rounds.
"""

import contextlib

import lineup
import report
from parts import Part, in_order
from server import Server

SECONDS_MORE = 60  # than it measures, until we regard it as stuck
PORT_OF_DRIVER = r"^\w+: port (\d+)$"  # wskrun says nothing of datagram sockets, so they do it themselves


class Rivals(Part):
    """What the three have in common."""

    names = (report.YARDSTICK, report.DRIVER)
    measurements = ()
    counted = {}  # by --instructions: {measurement: (few operations, many operations, result)}
    prefix = ""  # of the results, where echo servers have the same

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._subjects = {}

    def start(self, name, measurement, before=()):
        """A context manager of a server, `before` being what its command is run by. The value of the with measures:
        (measurement, length, seconds_max) -> {result: sample}."""
        raise NotImplementedError

    def kind_of_server(self, measurement):
        """Measurements with the same answer share a server."""
        return None

    def _measured(self, name, measurement):
        key = (name, self.kind_of_server(measurement))
        if key not in self._subjects:
            self._subjects[key] = self.stack.enter_context(self.start(name, measurement))
        seconds = self.chosen.seconds
        return self._subjects[key](measurement, seconds, seconds * 2)

    def round(self, number):
        results = {}
        for measurement in self.measurements:
            for name in lineup.rotated(self.names, number):
                for result, sample in self._measured(name, measurement).items():
                    results.setdefault(self.prefix + result, {})[name] = sample
        return in_order(results, self.names)


class Connecting(Rivals):
    """Connect, receive one byte, close: an accept seen from the other end."""

    measurements = ("connects_1", "connects_16")
    counted = {"connects_1": (200, 1200, "instructions_connect")}

    def kind_of_server(self, measurement):
        return measurement.removeprefix("connects_")  # so many connections at a time

    def _command(self, name, port, count):
        if name == report.YARDSTICK:
            return [self.field.bench("plain_connect"), str(port), count]
        driver = self.field.bench("drivers/connector/connector.sys.so")
        return [self.field.wskrun, "--set", f"connector.TargetPort={port}",
                "--set", f"connector.Connections={count}", driver]

    @contextlib.contextmanager
    def start(self, name, measurement, before=()):
        count = self.kind_of_server(measurement)
        with Server("target", [self.field.bench("connect_target")], self.client_place, self.notes) as target:
            command = [*before, *self._command(name, target.port, count)]
            with Server(name, command, self.server_place, self.notes, port_said=None) as server:
                target.ask(f"warm_up {count}x", SECONDS_MORE)  # until it has started
                yield lambda *what: self._measure_with(target, server, *what)

    def _measure_with(self, target, server, measurement, length, seconds_max):
        before = server.cpu_seconds()
        answer = target.ask(f"{measurement} {length}", seconds_max + SECONDS_MORE)
        cpu = server.cpu_seconds() - before
        name, value, unit, operations = answer.split()
        sample = {"value": float(value), "unit": unit, "operations": int(operations)}
        return {name: sample | {"cpu_us": cpu * 1e6 / int(operations)}}


class Proxy(Rivals):
    """What is between the clients and an echo server, which shares their core."""

    names = (*Rivals.names, "splice")
    measurements = ("accepts_16", "round_trip_1", "throughput_1", "throughput_16")
    counted = {
        "accepts_1": (200, 1200, "instructions_proxied_connection"),
        "large_round_trip_1": (200, 2200, "instructions_proxied_64_KiB"),
    }
    prefix = "proxied_"

    def _command(self, name, port):
        if name == report.DRIVER:
            return self.field.driver_command(self.field.example("proxy"), ["--set", f"proxy.TargetPort={port}"])
        plain = [self.field.bench("plain_proxy"), str(port)]
        return plain if name == report.YARDSTICK else [*plain, name]

    @contextlib.contextmanager
    def start(self, name, measurement, before=()):
        with Server("echo", [self.field.bench("plain_echo")], self.client_place, self.notes) as echo:
            command = [*before, *self._command(name, echo.port)]
            with Server(name, command, self.server_place, self.notes) as server:
                yield lambda *what: self.client.measure(server, *what)


class Datagrams(Rivals):
    """64 bytes there and back, one or many on their way at a time."""

    names = (*Rivals.names, "messages")
    measurements = ("datagrams_1", "datagrams_64")
    counted = {
        "datagrams_1": (500, 5500, "instructions_datagram"),
        "datagrams_64": (5000, 25000, "instructions_datagram_of_64"),
    }

    def _command(self, name):
        if name == report.YARDSTICK:
            return [self.field.bench("plain_datagrams")]
        if name == report.DRIVER:
            return self.field.driver_command(self.field.example("datagram_echo"))
        return self.field.driver_command(self.field.bench("drivers/message_echo/message_echo.sys.so"))

    @contextlib.contextmanager
    def start(self, name, measurement, before=()):
        command = [*before, *self._command(name)]
        with Server(name, command, self.server_place, self.notes, port_said=PORT_OF_DRIVER) as server:
            yield lambda *what: self.client.measure(server, *what)


KINDS = {"connecting": Connecting, "proxy": Proxy, "datagrams": Datagrams}
