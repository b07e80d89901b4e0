# SPDX-License-Identifier: MIT
"""hard_connects as a child: connections one after another, and how many of them were lost."""

import ctypes
import os
import re
import signal
import subprocess

from served import Failure

SECONDS_MAX = 60  # beside those for each connection
SECONDS_FOR_EACH = 0.02
PR_SET_PDEATHSIG = 1

_LIBC = ctypes.CDLL(None)
_RESULT = re.compile(r"(\d+) connections, (\d+) lost(?:, the first by (.*))?\n")


class Load:
    def __init__(self, programs, port, count, course, core=None):
        self._count = count

        def prepare():
            _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if core is not None:
                os.sched_setaffinity(0, {core})

        self._process = subprocess.Popen(
            [programs.connects, str(port), str(count), course],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=prepare,
        )

    def lost(self):
        """(how many, how the first one), when it has ended."""
        limit = SECONDS_MAX + self._count * SECONDS_FOR_EACH
        try:
            said, _ = self._process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Failure(f"{self._count} connections took longer than {limit:.0f} s") from None
        result = _RESULT.fullmatch(said)
        if result is None:
            raise Failure(f"hard_connects ended with status {self._process.returncode}: {said.strip()}")
        return int(result[2]), result[3]

    def stop(self):
        self._process.kill()
        self._process.communicate()


def connect(programs, port, count, course, cores=(None,)):
    """`count` connections by as many programs at a time as there are cores; none may be lost."""
    loads = [Load(programs, port, count // len(cores), course, core) for core in cores]
    for lost, how in [load.lost() for load in loads]:
        if lost:
            raise Failure(f"{lost} of {count // len(cores)} connections were lost, the first by {how}")
