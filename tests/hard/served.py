# SPDX-License-Identifier: MIT
"""wskrun with one driver, seen from outside: its CPU time, memory and descriptors, and how it ends."""

import os
import pathlib
import re
import resource
import signal
import subprocess
import time

from server import Server

POLL_SECONDS = 0.02
QUIET_SECONDS_MAX = 30
TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1 << 20
DESCRIPTORS_SPARE = 500


class Failure(Exception):
    """What was promised and did not happen."""


class Programs:
    """Where a build has put what we run."""

    def __init__(self, build, sanitized=False):
        build = pathlib.Path(build)
        self.wskrun = build / "tools/wskrun/wskrun"
        self.connects = build / "tests/hard/hard_connects"
        self.counting_run = build / "tests/hard/hard_counting_run"
        self.simulation = build / "tests/simulation/simulation"
        self.canaries = build / "tests/simulation/simulation_canaries"
        self.determinism = pathlib.Path(__file__).resolve().parents[1] / "simulation/determinism.py"
        self._folders = [build / "examples", build / "tests/hard"]
        self.sanitized = sanitized

    def driver(self, name):
        paths = [folder / f"{name}.sys.so" for folder in self._folders]
        return next((path for path in paths if path.exists()), paths[0])

    def memory_bound(self, number_of_bytes):
        """A sanitizer keeps freed memory for a while, and a shadow of all of it."""
        return number_of_bytes * 8 if self.sanitized else number_of_bytes


class Way:
    """A driver, a gate, and what else wskrun is told."""

    def __init__(self, driver, gate="auto", options=()):
        self.driver = driver
        words = [driver, *([] if gate == "auto" else [gate]), *options]
        self.name = " ".join(words)
        self._gate = gate
        self._options = options

    def serve(self, programs, descriptors=None):
        return Served(programs, self.driver, *self._options, gate=self._gate, descriptors=descriptors)


MIXED = ("--completion", "mixed", "--processors", "2")
ALL_WAYS = [
    Way("echo_irp"),
    Way("echo_irp", options=MIXED),
    Way("echo_event"),
    Way("echo_event", options=MIXED),
    Way("conditional_echo", "accepted"),
    Way("conditional_echo", "strict"),
    Way("conditional_echo", "strict", MIXED),
]


def environment_for_sanitizers():
    """Memory that is freed goes back soon, so that a leak can be told from a quarantine."""
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4:detect_leaks=1"


def raise_descriptor_limit(connections):
    """For us and our children. How many connections a process may then have, at most `connections`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return connections if hard == resource.RLIM_INFINITY else min(connections, hard - DESCRIPTORS_SPARE)


def wait_until(condition, seconds_max, what):
    """The first true result; `what` did not happen otherwise."""
    deadline = time.monotonic() + seconds_max
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"{what} within {seconds_max} s")
        time.sleep(POLL_SECONDS)


class Served(Server):
    """Use it in a with statement; finish() says whether it ended as it should."""

    def __init__(self, programs, driver, *options, gate="auto", descriptors=None, program=None, port=0):
        self.driver = driver
        command = [str(program or programs.wskrun)]
        if descriptors is not None:
            command = ["prlimit", f"--nofile={descriptors}", *command]
        names = ["gatekeeper", "operator"] if driver == "gatekeeper" else [driver]
        settings = ["--gate", gate, "--set", f"{driver}.Port={port}"]
        if driver == "gatekeeper":
            settings += ["--set", "gatekeeper.OperatorPort=0"]
        path = programs.driver(driver)
        super().__init__(command[0], [path], [*command[1:], *settings, *options], names, echo_output=False)

    def __enter__(self):
        super().__enter__()
        self._descriptors_at_start = self.descriptors()
        return self

    @property
    def port(self):
        return self.ports[self.driver]

    def _read_proc(self, name):
        status = self._process.poll()
        if status is not None:
            raise Failure(f"wskrun has ended with status {status}:\n" + "\n".join(self.lines[-40:]))
        return pathlib.Path(f"/proc/{self._process.pid}/{name}").read_text(encoding="ascii")

    def cpu_seconds(self):
        """utime + stime, of all its threads."""
        fields = self._read_proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """Resident bytes."""
        return int(re.search(r"VmRSS:\s+(\d+) kB", self._read_proc("status"))[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def wait_until_quiet(self):
        """Connections of clients that have gone leave no descriptor behind."""
        # A gate at the SYN asks the kernel about connections, by a descriptor for each CPU that it
        # opens when the first question arises.
        start = self._descriptors_at_start + (os.cpu_count() if self.driver == "conditional_echo" else 0)
        wait_until(
            lambda: self.descriptors() <= start,
            QUIET_SECONDS_MAX,
            f"{self.driver}: descriptors were not back at {start}, there are {self.descriptors()},",
        )

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._reader.join(QUIET_SECONDS_MAX)

    def finish(self):
        """Ends it, and checks that it ended well."""
        self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(QUIET_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.driver} was not unloaded within {QUIET_SECONDS_MAX} s") from None
        self._reader.join(QUIET_SECONDS_MAX)
        summary = self.last_line("summary: ") or ""
        if status != 0 or "no leaks" not in summary:
            raise Failure(f"{self.driver} ended with status {status}:\n" + "\n".join(self.lines[-40:]))
        return summary

    def accepted(self):
        """How many connections the driver was given, after finish()."""
        return int(re.search(r"(\d+) connections? accepted", self.last_line("summary: "))[1])
