# SPDX-License-Identifier: MIT
"""Many connections that are silent for long, and then all talk."""

from crowd import Crowd
from served import MEGABYTE, Failure, Served, raise_descriptor_limit

CPU_SHARE_MAX = 0.02  # of one core, while nobody says anything
CPU_SECONDS_SPARE = 0.1
# What an idle connection may take: echo_event has no buffers of its own, echo_irp has some for each.
BYTES_MAX = {"echo_event": 2048, "echo_irp": 16 * 1024 + 256}
BYTES_SPARE = 15  # a connection that grows does so by 16 or more, malloc's step; less is somebody else's


def run(programs, connections, silence):
    allowed = raise_descriptor_limit(connections)
    reports = [_run_driver(programs, driver, allowed, silence) for driver in BYTES_MAX]
    limit = "" if allowed == connections else f" (of {connections}: the descriptor limit allows no more)"
    return f"{allowed} connections{limit}, {silence} s of silence; " + "; ".join(reports)


def _run_driver(programs, driver, count, silence):
    with Served(programs, driver) as server, Crowd(server.port) as crowd:
        each = _bytes_for_each(server, crowd, count)
        if each > programs.memory_bound(BYTES_MAX[driver] + BYTES_SPARE):
            raise Failure(f"{driver} takes {each:.0f} bytes for an idle connection, {BYTES_MAX[driver]} are allowed")
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
    memory_text = f"{each:.0f} bytes for each, {peak / MEGABYTE:.0f} MiB in all"
    return f"{driver}: 0 lost, CPU {idle:.2f} s while silent, {memory_text}"


def _bytes_for_each(server, crowd, count):
    """The first ones also pay for what is there once."""
    crowd.open_and_echo(count // 2)
    memory = server.memory()
    crowd.open_and_echo(count - count // 2)
    return (server.memory() - memory) / (count - count // 2)
