# SPDX-License-Identifier: MIT
"""Very many short connections, most of them reset at one stage or another: nothing may be left of them."""

from load import connect
from served import ALL_WAYS, MEGABYTE, Failure

MEMORY_MORE_MAX = 4 * MEGABYTE  # after the warm-up, for all the rest
PARTS = 4


def run(programs, connections):
    reports = [_run_way(programs, way, connections) for way in ALL_WAYS]
    return f"{connections} connections each, with resets; " + "; ".join(reports)


def _run_way(programs, way, count):
    with way.serve(programs) as server:
        # The first fifth is the warm-up: pools and thread-local caches grow to their size.
        memory = []
        for _ in range(PARTS + 1):
            connect(programs, server.port, count // (PARTS + 1), "mixed", (None, None))
            server.wait_until_quiet()
            memory.append(server.memory())
        more = max(memory[1:]) - memory[0]
        if more > programs.memory_bound(MEMORY_MORE_MAX):
            grown = ", ".join(f"{each / MEGABYTE:.1f}" for each in memory)
            raise Failure(f"{way.name} grew by {more / MEGABYTE:.1f} MiB: {grown} MiB after each part")
        server.finish()
    memory_text = f"{memory[-1] / MEGABYTE:.1f} MiB, {more / MEGABYTE:+.2f} MiB after the warm-up"
    return f"{way.name}: {memory_text}, descriptors back, no leaks"
