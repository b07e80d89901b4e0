# SPDX-License-Identifier: MIT
"""The hard cases of the listening side, each with one line of numbers. See docs/soak.md."""

import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "examples/demo"))

import churn  # noqa: E402
import exhaustion  # noqa: E402
import idle  # noqa: E402
import killed  # noqa: E402
import network  # noqa: E402
import served  # noqa: E402
import simulated  # noqa: E402
import syn_flood  # noqa: E402
import syn_resets  # noqa: E402
from clients import Problem  # noqa: E402
from server import StartError  # noqa: E402

SKIPPED = 77
PRESETS = ["release", "asan"]
TARGETS = [
    "wskrun", "echo_irp", "echo_event", "gatekeeper",
    "hard_connects", "hard_counting_run", "hard_conditional_echo", "hard_pend_others",
    "simulation", "simulation_canaries",
]
# By name: what runs, how large in short, and in full.
CASES = {
    "idle": (idle.run, {"connections": 2000, "silence": 1}, {"connections": 10_000, "silence": 60}),
    "exhaustion": (
        exhaustion.run, {"limit": 100, "clients": 300, "pause": 1}, {"limit": 1000, "clients": 4000, "pause": 10},
    ),
    "churn": (churn.run, {"connections": 5000}, {"connections": 100_000}),
    "syn_flood": (syn_flood.run, {"syns": 15_000}, {"syns": 600_000}),
    "killed": (killed.run, {"rounds": 3}, {"rounds": 20}),
    "syn_resets": (syn_resets.run, {"connections": 5000}, {"connections": 200_000}),
    "simulation": (simulated.scenarios, {"seeds": 200}, {"seeds": 5000}),
    "canaries": (simulated.canaries, {"seeds": 4000}, {"seeds": 4000}),
    "same_log": (simulated.same_log, {"seeds": 20}, {"seeds": 1000}),
}


def case_name(text):
    if text not in CASES:
        raise argparse.ArgumentTypeError(f"{text!r} is no case; there are {', '.join(CASES)}")
    return text


def minutes(text):
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes, from 0")
    return number


def seeds(text):
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seeds, from 1")
    return int(text)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="script/soak", description=__doc__, allow_abbrev=False)
    names = f"{', '.join(CASES)}; all if none is named"
    parser.add_argument("names", nargs="*", type=case_name, metavar="NAME", help=names)
    parser.add_argument("--minutes", type=minutes, default=0, help="begin again until so much time has passed")
    parser.add_argument("--seeds", type=seeds, help="for the cases of the simulation, instead of their own number")
    parser.add_argument("--preset", choices=PRESETS, default="release", help="what to build (%(choices)s)")
    parser.add_argument("--short", action="store_true", help="the size that script/test runs")
    parser.add_argument("--built", metavar="FOLDER", help="use this build folder, and build nothing")
    return parser.parse_args()


def build(preset):
    folder = ROOT / "build" / preset
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "soak.log"
    print(f"soak: building (build/{preset})", flush=True)
    with log.open("w") as output:
        for command in (
            ["script/bootstrap"],
            ["cmake", "--preset", preset],
            ["cmake", "--build", "--preset", preset, "--parallel", str(os.cpu_count()), "--target", *TARGETS],
        ):
            done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
            if done.returncode != 0:
                output.flush()
                last = log.read_text().splitlines()[-40:]
                sys.exit("\n".join([*last, f"soak: the build failed; all of it is in {log}"]))
    return folder


def run_case(programs, name, short, seeds_wanted):
    """Whether it passed; its line is printed."""
    function, short_size, full_size = CASES[name]
    size = dict(short_size if short else full_size)
    if seeds_wanted is not None and "seeds" in size:
        size["seeds"] = seeds_wanted
    start = time.monotonic()
    try:
        result = function(programs, **size)
    except (served.Failure, StartError, Problem, OSError) as problem:
        print(f"{name}: FAILED: {type(problem).__name__}: {problem}", flush=True)
        return False
    print(f"{name}: {result} ({time.monotonic() - start:.0f} s)", flush=True)
    return True


def main():
    arguments = parse_arguments()
    sanitized = arguments.preset != "release" or bool(os.environ.get("OWSK_SANITIZE"))
    if network.INSIDE not in os.environ and arguments.built is None:
        arguments.built = str(build(arguments.preset))
        sys.argv += ["--built", arguments.built]  # for ourselves in the namespace
    try:
        network.enter()
    except network.NotPermitted as problem:
        print(f"soak: skipped: {problem}")
        return SKIPPED
    served.environment_for_sanitizers()
    programs = served.Programs(arguments.built, sanitized)
    end = time.monotonic() + arguments.minutes * 60
    passed = True
    while True:
        for name in arguments.names or CASES:
            passed = run_case(programs, name, arguments.short, arguments.seeds) and passed
        if time.monotonic() >= end or not passed:
            return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
