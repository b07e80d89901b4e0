# SPDX-License-Identifier: MIT
"""An echo server as a child that never outlives us."""

import contextlib
import ctypes
import os
import queue
import re
import signal
import subprocess
import threading
import time

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
PR_SET_PDEATHSIG = 1

_LISTENING = re.compile(r"^listening on \S+:(\d+) ")
_LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """What to tell the user instead of a table."""


def on_core(core):
    """For preexec_fn: the child runs on one core and ends when we end."""

    def prepare():
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        os.sched_setaffinity(0, {core})

    return prepare


class Server:
    """Use it in a with statement. All servers choose a free port and print it in the same words."""

    def __init__(self, name, command, core):
        self.name = name
        self.port = None
        self._lines = queue.SimpleQueue()
        # In a session of its own: Ctrl-C is for us, and we tell the server.
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=on_core(core),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        try:
            self._wait_until_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_SECONDS_MAX)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                self._process.kill()
                self._process.wait()
        self._reader.join(STOP_SECONDS_MAX)

    def _read(self):
        # Read to the end, so that the server never waits for us.
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _wait_until_listening(self):
        said = []
        deadline = time.monotonic() + START_SECONDS_MAX
        while self.port is None:
            try:
                line = self._lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise Failure("\n  ".join([f"{self.name} did not start to listen; it said:", *said]))
            said.append(line)
            listening = _LISTENING.match(line)
            self.port = int(listening[1]) if listening else None

    def cpu_seconds(self):
        """The time that all its threads have run."""
        status = self._process.poll()
        if status is not None:
            raise Failure(f"{self.name} has ended with status {status}")
        total = 0
        for task in os.listdir(f"/proc/{self._process.pid}/task"):
            # A thread may end while we look.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                with open(f"/proc/{self._process.pid}/task/{task}/schedstat", encoding="ascii") as stat:
                    total += int(stat.read().split()[0])
        return total / 1e9
