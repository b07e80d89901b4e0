# SPDX-License-Identifier: MIT
"""The simulation with many seeds: every scenario, every canary, and one event log for one seed."""

import subprocess
import sys
import time

from served import Failure

_next_seed = 1


def _run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(str(word) for word in command)}\n{done.stdout[-2000:]}{done.stderr[-8000:]}")
    return done.stdout.strip()


def scenarios(programs, seeds):
    """Each time the next so many seeds."""
    global _next_seed
    first, last = _next_seed, _next_seed + seeds - 1
    _next_seed += seeds
    start = time.monotonic()
    lines = _run([programs.simulation, "--seeds", f"{first}-{last}"]).splitlines()
    rate = len(lines) * seeds / max(time.monotonic() - start, 0.001)
    return f"{len(lines)} scenarios with the seeds {first} to {last}, {rate:.0f} runs in a second"


def canaries(programs, seeds):
    lines = _run([programs.canaries, "--seeds", f"1-{seeds}"]).splitlines()
    return f"{len(lines)} of {len(lines)} found within {seeds} seeds"


def same_log(programs, seeds):
    """`seeds` is how many times each run is played."""
    return _run([sys.executable, programs.determinism, programs.simulation, "--repetitions", seeds, "--seeds", 1,
                 "--scenario", "accept_storm", "--scenario", "bad_network"]).splitlines()[-1]
