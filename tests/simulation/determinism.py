# SPDX-License-Identifier: MIT
"""The same seed gives the same event log, byte by byte: in processes of their own, and whatever was played before."""

import argparse
import subprocess
import sys

SCENARIOS = ["accept_storm", "bad_network", "cancel", "close_everything", "conditional", "disable_callback", "disconnect",
             "driver_threads", "send_storm", "unload"]


def digests(program, scenario, seeds):
    """A line for each seed."""
    done = subprocess.run(
        [program, "--scenario", scenario, "--seeds", seeds, "--digest"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"determinism: {scenario} with the seeds {seeds} went wrong:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


def differences(program, scenario, first, last, repetitions):
    expected = digests(program, scenario, f"{first}-{last}")
    found = []
    for repetition in range(repetitions):
        # Every other time each seed alone: what was played before must not matter.
        if repetition % 2 == 0:
            lines = digests(program, scenario, f"{first}-{last}")
        else:
            lines = [line for seed in range(first, last + 1) for line in digests(program, scenario, f"{seed}-{seed}")]
        found += [f"{one} and {other}" for one, other in zip(expected, lines) if one != other]
        if len(lines) != len(expected):
            found.append(f"{len(expected)} runs and {len(lines)}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("program", help="the program simulation")
    parser.add_argument("--repetitions", type=int, default=20, help="of each scenario (%(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="of each scenario, from 1 on (%(default)s)")
    parser.add_argument("--scenario", action="append", help="can be repeated")
    arguments = parser.parse_args()
    found = []
    for scenario in arguments.scenario or SCENARIOS:
        found += differences(arguments.program, scenario, 1, arguments.seeds, arguments.repetitions)
    for difference in found:
        print(f"determinism: the event logs differ: {difference}")
    runs = len(arguments.scenario or SCENARIOS) * arguments.repetitions * arguments.seeds
    print(f"{runs - len(found)} of {runs} runs are the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
