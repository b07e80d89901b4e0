# SPDX-License-Identifier: MIT
"""The load: echo_client as a child, for one measurement or to keep connections open."""

import queue
import subprocess
import threading

from place import Failure

SECONDS_MORE = 60  # than it measures, until we regard it as stuck
SECONDS_FOR_EACH_CONNECTION = 0.01
STOP_SECONDS_MAX = 30


class Client:
    """Runs measurements against servers. `length` as echo_client takes it: seconds, or "1000x"."""

    def __init__(self, program, place):
        self._program = program
        self._place = place

    def measure(self, server, measurement, length, seconds_max):
        """{result: {"value", "unit", "operations", "cpu_us"}}"""
        before = server.cpu_seconds()
        try:
            done = subprocess.run(
                [self._program, str(server.port), measurement, str(length)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds_max + SECONDS_MORE,
                preexec_fn=self._place.prepare,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failure(f"{measurement} with {server.name} does not end: the server no longer answers") from None
        cpu = server.cpu_seconds() - before  # first: that the server has ended says more than the client
        if done.returncode != 0:
            raise Failure(f"{measurement} with {server.name}: {done.stderr.strip()}")
        results = {}
        for line in done.stdout.splitlines():
            name, value, unit, operations = line.split()
            first = not results  # the CPU time is that of all results together
            results[name] = {"value": float(value), "unit": unit, "operations": int(operations)}
            if first:
                results[name]["cpu_us"] = cpu * 1e6 / int(operations)
        return results

    def idle(self, server):
        return Idle(self._program, server, self._place)


class Idle:
    """Connections that stay open and do nothing. Use it in a with statement."""

    def __init__(self, program, server, place):
        self._server = server
        self._count = 0
        self._answers = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [program, str(server.port), "idle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=place.prepare,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self._process.kill()
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        if kind is None:
            self._server.wait_until_quiet()

    def _read(self):
        for line in self._process.stdout:
            self._answers.put(line.strip())
        self._answers.put(None)

    def grow(self, count):
        """Opens more, until there are `count`."""
        limit = SECONDS_MORE + (count - self._count) * SECONDS_FOR_EACH_CONNECTION
        self._count = count
        what = f"{count} connections to {self._server.name}"
        try:
            self._process.stdin.write(f"{count}\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=limit)
        except BrokenPipeError:
            answer = self._answers.get()
        except queue.Empty:
            raise Failure(f"{what} are not open after {limit:.0f} s") from None
        if answer != f"open {count}":
            self._server.cpu_seconds()  # that the server has ended says more than the client
            raise Failure(f"{what}: {answer}")
