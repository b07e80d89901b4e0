# SPDX-License-Identifier: MIT
"""A server as a child that never outlives us."""

import collections
import contextlib
import os
import queue
import re
import signal
import subprocess
import threading
import time

from place import Failure

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
QUIET_SECONDS_MAX = 60

LISTENING = r"^listening on \S+:(\d+) "


class Server:
    """Use it in a with statement. A server chooses a free port and says so in the words of `port_said`; None: it has
    no port."""

    def __init__(self, name, command, place, notes, port_said=LISTENING):
        self.name = name
        self._notes = notes
        self._port_said = port_said
        self.port = None
        self.said = []
        self._lines = queue.SimpleQueue()  # not read yet
        self._last_words = collections.deque(maxlen=1)
        # In a session of its own: Ctrl-C is for us, and we tell the server.
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=place.prepare,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        try:
            self._wait_until_listening()
            self._descriptors = self._count_descriptors()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, *_):
        self._stop()
        # wskrun ends with 0, or says what is wrong with the driver; the others end by the signal.
        if kind is None and self._process.returncode not in (0, -signal.SIGINT):
            what = self._last_words[-1] if self._last_words else "nothing"
            self._notes.append(f"{self.name} has ended with status {self._process.returncode}; it said: {what}")

    def _stop(self):
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
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
            self._last_words.append(line.rstrip("\n"))
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def _wait_until_listening(self):
        deadline = time.monotonic() + START_SECONDS_MAX
        while self._port_said is not None and self.port is None:
            line = self._next_line(deadline)
            if line is None:
                raise Failure("\n  ".join([f"{self.name} did not start to listen; it said:", *self.said]))
            self.said.append(line)
            said = re.match(self._port_said, line)
            self.port = int(said[1]) if said else None

    def _next_line(self, deadline):
        """None: it has ended, or says nothing."""
        with contextlib.suppress(queue.Empty):
            return self._lines.get(timeout=max(0, deadline - time.monotonic()))

    def ask(self, line, seconds_max):
        """The line that it answers."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
        answer = self._next_line(time.monotonic() + seconds_max)
        if answer is None:
            raise Failure(f"{self.name} does not answer to '{line}'")
        return answer

    def _count_descriptors(self):
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def wait_until_quiet(self):
        """Until the connections of clients that have gone are closed on this side too."""
        deadline = time.monotonic() + QUIET_SECONDS_MAX
        while self._count_descriptors() > self._descriptors and time.monotonic() < deadline:
            time.sleep(0.02)

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

    def memory(self):
        """Bytes: the resident pages, shared ones in part, and those that no file is behind."""
        with open(f"/proc/{self._process.pid}/smaps_rollup", encoding="ascii") as rollup:
            lines = dict(line.split(":", 1) for line in list(rollup)[1:])
        sizes = {name: int(lines[name].split()[0]) * 1024 for name in ("Rss", "Pss", "Anonymous")}
        return {"rss": sizes["Rss"], "pss": sizes["Pss"], "own": sizes["Anonymous"]}
