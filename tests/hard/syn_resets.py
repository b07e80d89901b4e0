# SPDX-License-Identifier: MIT
"""Connections over loopback through the SYN gate: not one may be reset or refused.

They were, when the verdict on a SYN was given on another CPU than the SYN came from.
"""

import os

from load import connect
from served import Served


def run(programs, connections):
    cores = sorted(os.sched_getaffinity(0))
    ways = [(None,), (None, None), cores[:1], cores[-1:], cores[:2]]
    with Served(programs, "conditional_echo", gate="strict") as server:
        for way in ways:
            connect(programs, server.port, connections // len(ways), "plain", way)
        server.wait_until_quiet()
        server.finish()
    return f"{connections} connections, 1 and 2 clients at a time, pinned and not: 0 lost"
