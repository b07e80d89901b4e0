# SPDX-License-Identifier: MIT
"""wskrun as a child that never outlives us."""

import ctypes
import re
import signal
import subprocess
import sys
import threading

from clients import Problem

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
LINE_SECONDS_MAX = 30  # for one that should come at once
PR_SET_PDEATHSIG = 1

_LISTENING = re.compile(r"^listening on \S+:(\d+) \((.*)\)$")
_GATE = re.compile(r'gate "(\w+)"(?:, because|:)? ?(.*)')
_LIBC = ctypes.CDLL(None)


class StartError(Exception):
    pass


def end_on_signals():
    """SIGTERM and SIGHUP end us as Ctrl-C does, so that wskrun is stopped."""

    def interrupt(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)


def end_with_parent():
    """Also when it is killed, and can tell us nothing."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Server:
    """Use it in a with statement: it has ended afterwards, whatever happened."""

    def __init__(self, wskrun, drivers, options, names, echo_output):
        self.lines = []
        self.ports = {}  # by name, in the order in which the sockets begin to listen
        self.gate = None
        self.gate_reason = None
        self._names = names
        self._last_driver = drivers[-1].name.removesuffix(".sys.so")
        self._echo_output = echo_output
        self._changed = threading.Condition()
        # In a session of its own: Ctrl-C is for us, and we tell wskrun.
        self._process = subprocess.Popen(
            [wskrun, *options, *drivers],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self._process.poll() is None:
            try:
                self.stop()
            except KeyboardInterrupt:
                self._process.kill()

    def _read(self):
        for line in self._process.stdout:
            self._take(line.rstrip("\n"))
        with self._changed:
            self._changed.notify_all()

    def _take(self, line):
        if self._echo_output:
            print(line, flush=True)  # before those who wait for it print
        with self._changed:
            self.lines.append(line)
            listening = _LISTENING.match(line)
            if listening and len(self.ports) < len(self._names):
                self.ports[self._names[len(self.ports)]] = int(listening[1])
                gate = _GATE.search(listening[2])
                if gate:
                    self.gate, self.gate_reason = gate.groups()
            self._changed.notify_all()

    def _wait_until_ready(self):
        ready = f"driver {self._last_driver}: started"
        with self._changed:
            self._changed.wait_for(
                lambda: ready in self.lines or not self._reader.is_alive() or self._process.poll() is not None,
                START_SECONDS_MAX,
            )
            if ready not in self.lines or len(self.ports) < len(self._names):
                said = "\n  ".join(self.lines)
                raise StartError(f"wskrun did not start the drivers; it said:\n  {said}")

    def wait_for_line(self, line):
        with self._changed:
            if not self._changed.wait_for(lambda: line in self.lines, LINE_SECONDS_MAX):
                raise Problem(f"wskrun did not print within {LINE_SECONDS_MAX} s: {line}")

    def last_line(self, beginning):
        return next((line for line in reversed(self.lines) if line.startswith(beginning)), None)

    def wait(self):
        return self._process.wait()

    def stop(self):
        """The exit status of wskrun; negative for a signal."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            print(f"demo: wskrun did not end within {STOP_SECONDS_MAX} s and is killed", file=sys.stderr)
            self._process.kill()
            status = self._process.wait()
        self._reader.join(STOP_SECONDS_MAX)
        return status
