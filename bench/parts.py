# SPDX-License-Identifier: MIT
"""The parts of the comparison. Each is asked for one round at a time: {result: {server: sample}}.

Within a round all servers are measured one right after the other, so that a ratio compares moments that are
close together. Timings of different rounds or runs are not comparable.
"""

import lineup
import place
import report
from client import Client
from server import Server

SPEED = {
    "accepts": ("accepts_1", "accepts_16", "accepts_64"),
    "round_trips": ("round_trip_1", "large_round_trip_1"),
    "messages": ("messages_128",),
    "throughput": ("throughput_1", "throughput_16"),
}
CROWD_MEASUREMENTS = ("round_trip_8", "accepts_16")
CROWD_RESULTS = {"round_trip_8_p50": "round_trip", "accepts_16": "accepts", "accepts_16_lost": "accepts_lost"}
CROWDS = (100, 1000, 10000, 100000)
GATES = ("strict", "accepted")
GATE_MEASUREMENTS = ("accepts_16", "connects", "spaced_connects")
MEMORY_CONNECTIONS = 10000
MEMORY_WARM_UP = 64
MEMORY_SHARE_MAX = 0.7  # of what is available, for a crowd


class Part:
    def __init__(self, field, stack, chosen):
        self.field = field  # the Lineup
        self.stack = stack  # closed after the last round
        self.chosen = chosen
        self.notes = []
        self.server_place, self.client_place = place.server_and_client()
        self.client = Client(field.echo_client, self.client_place)

    def sample(self, server, measurement):
        seconds = self.chosen.seconds
        return self.client.measure(server, measurement, seconds, seconds * 2)


def in_order(results, names):
    """The servers of each result in the order of the tables, whoever was measured first."""
    return {result: {name: each[name] for name in names if name in each} for result, each in results.items()}


class Speed(Part):
    """What the same servers do in all rounds."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        chosen = [SPEED[name] for name in SPEED if name in self.chosen.only]
        self._measurements = [measurement for group in chosen for measurement in group]
        self._servers = {}

    def round(self, number):
        if not self._servers:
            for name in self.field.names:
                self._servers[name] = self.stack.enter_context(self.field.start(name, self.server_place))
        results = {}
        for measurement in self._measurements:
            for name in self.field.order(number):
                for result, sample in self.sample(self._servers[name], measurement).items():
                    results.setdefault(result, {})[name] = sample
        return in_order(results, self.field.names)


class Crowds(Part):
    """What a few active connections cost among many idle ones. Fresh servers: nobody else's connections."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        wanted = [count for count in CROWDS if count <= self.chosen.connections]
        allowed = place.raise_descriptor_limit(max(wanted))
        self._levels = [count for count in wanted if count <= allowed]
        for count in wanted:
            if count > allowed:
                self._levels = sorted({*self._levels, allowed})
                self.notes.append(
                    f"no crowd of {count}: the descriptor limit (ulimit -Hn) allows {allowed} connections; "
                    f"crowd_{allowed} is in its place"
                )

    def round(self, number):
        results = {}
        for name in self.field.order(number):
            with self.field.start(name, self.server_place) as server, self.client.idle(server) as idle:
                room = Room()
                for count in self._levels:
                    if not room.is_enough_for(count):
                        self._note(f"crowd_{count} without {name}: the memory of this machine is too small")
                        break
                    idle.grow(count)
                    room.fill(count)
                    for result, sample in self._among(server).items():
                        results.setdefault(f"crowd_{count}_{result}", {})[name] = sample
        return in_order(dict(sorted(results.items(), key=_crowd_order)), self.field.names)

    def _note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def _among(self, server):
        measured = {}
        for measurement in CROWD_MEASUREMENTS:
            measured |= self.sample(server, measurement)
        return {short: measured[long] for long, short in CROWD_RESULTS.items()}


class Room:
    """Tells from a small crowd whether memory is enough for a large one, kernel and clients included."""

    def __init__(self):
        self._at_first = self._available = memory_of_machine("MemAvailable")
        self._count = 0

    def fill(self, count):
        self._count = count
        self._available = memory_of_machine("MemAvailable")

    def is_enough_for(self, count):
        if self._count == 0:
            return True
        each = (self._at_first - self._available) / self._count
        return each * (count - self._count) < self._available * MEMORY_SHARE_MAX


def _crowd_order(item):
    _, count, what = item[0].split("_", 2)
    return what, int(count)


class Memory(Part):
    """What an idle connection takes. Fresh servers: one that was busy before has memory to spare."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._count = place.raise_descriptor_limit(MEMORY_CONNECTIONS + MEMORY_WARM_UP) - MEMORY_WARM_UP
        if self._count < MEMORY_CONNECTIONS:
            self.notes.append(f"memory at {self._count} connections, which the descriptor limit (ulimit -Hn) allows")

    def round(self, number):
        results = {}
        for name in self.field.order(number):
            for result, size in self._growth(name).items():
                sample = {"value": size / self._count, "unit": "bytes"}
                results.setdefault(f"memory_{result}", {})[name] = sample
        return in_order(results, self.field.names)

    def _growth(self, name):
        with self.field.start(name, self.server_place) as server, self.client.idle(server) as idle:
            idle.grow(MEMORY_WARM_UP)
            before = server.memory() | {"kernel": kernel_memory()}
            idle.grow(self._count + MEMORY_WARM_UP)
            after = server.memory() | {"kernel": kernel_memory()}
        return {what: after[what] - before[what] for what in before}


def memory_of_machine(name):
    """Bytes."""
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        return next(int(line.split()[1]) * 1024 for line in meminfo if line.startswith(f"{name}:"))


def kernel_memory():
    """The kernel's small objects, on the whole machine: both ends of a connection are in it."""
    return memory_of_machine("Slab")


class Gates(Part):
    """Conditional accept that accepts at once, beside echo_event, which has the same connections."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self._servers = None

    def _start(self):
        self._servers = {}
        try:
            self.server_place, client_place = self.stack.enter_context(place.private_network())
            self.client = Client(self.field.echo_client, client_place)
        except (place.Failure, OSError) as failure:
            self.notes.append(f"gates measured in this network, where strict may be refused: {failure}")
        module = self.field.conditional_module
        if not module.exists():
            raise place.Failure(f"not built: {module}")
        plain = self.field.start("echo_event", self.server_place)
        self._servers[report.NO_GATE] = self.stack.enter_context(plain)
        for gate in GATES:
            command = self.field.driver_command(module, ["--gate", gate])
            server = Server(f"gate_{gate}", command, self.server_place, self.notes)
            try:
                self._servers[server.name] = self.stack.enter_context(server)
            except place.Failure:
                said = " ".join(line for line in server.said if not line.startswith("summary:"))
                self.notes.append(f"{server.name} left out: wskrun --gate {gate} says: {said}")

    def round(self, number):
        if self._servers is None:
            self._start()
        names = list(self._servers)
        results = {}
        if len(names) == 1:
            return results
        for measurement in GATE_MEASUREMENTS:
            for name in lineup.rotated(names, number):
                for result, sample in self.sample(self._servers[name], measurement).items():
                    results.setdefault(f"conditional_{result}", {})[name] = sample
        return in_order(results, names)


KINDS = {"crowds": Crowds, "memory": Memory, "gates": Gates}
