# SPDX-License-Identifier: MIT
"""Many connections that are silent for long, and then all talk."""

from crowd import Crowd
from served import MEGABYTE, Failure, Served, raise_descriptor_limit

CPU_SHARE_MAX = 0.02  # of one core, while nobody says anything
CPU_SECONDS_SPARE = 0.1
DRIVERS = ["echo_event", "echo_irp"]


def run(programs, connections, silence):
    allowed = raise_descriptor_limit(connections)
    reports = [_run_driver(programs, driver, allowed, silence) for driver in DRIVERS]
    limit = "" if allowed == connections else f" (of {connections}: the descriptor limit allows no more)"
    return f"{allowed} connections{limit}, {silence} s of silence; " + "; ".join(reports)


def _run_driver(programs, driver, count, silence):
    with Served(programs, driver) as server, Crowd(server.port) as crowd:
        memory = server.memory()
        crowd.open_and_echo(count)
        each = (server.memory() - memory) / count
        before = server.cpu_seconds()
        crowd.watch_silence(silence)
        idle = server.cpu_seconds() - before
        if idle > silence * CPU_SHARE_MAX + CPU_SECONDS_SPARE:
            raise Failure(f"{driver} used {idle:.2f} s of CPU time for {silence} s of silence")
        for _ in range(3):
            crowd.echo(crowd.everybody())
        peak = server.memory()
        everybody = crowd.everybody()
        crowd.leave(everybody[::2], abortive=True)
        crowd.leave(everybody[1::2], abortive=False)
        server.wait_until_quiet()
        server.finish()
        if server.accepted() != count:
            raise Failure(f"{driver} was given {server.accepted()} connections of {count}")
    memory_text = f"{each / 1024:.1f} KiB each, {peak / MEGABYTE:.0f} MiB in all"
    return f"{driver}: 0 lost, CPU {idle:.2f} s while silent, {memory_text}"
