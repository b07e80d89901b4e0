# SPDX-License-Identifier: MIT
"""More clients than the server may have descriptors: accepting pauses, costs nothing meanwhile, and goes on."""

import time

from crowd import Crowd
from served import ALL_WAYS, Failure, raise_descriptor_limit, wait_until

CPU_SHARE_MAX = 0.05  # of one core, while accepting is paused
CPU_SECONDS_SPARE = 0.1
SERVED_SECONDS_MAX = 60


def run(programs, limit, clients, pause):
    raise_descriptor_limit(clients)
    reports = [_run_way(programs, way, limit, clients, pause) for way in ALL_WAYS]
    return f"{clients} clients, {limit} descriptors, paused for {pause} s; " + "; ".join(reports)


def _come_in_crowds(name, server, crowd, limit, clients):
    crowd.open(clients)
    crowd.send(crowd.everybody())
    wait_until(lambda: server.descriptors() >= limit, SERVED_SECONDS_MAX, f"{name} did not use all descriptors")


def _run_way(programs, way, limit, clients, pause):
    name = way.name
    with way.serve(programs, limit) as server, Crowd(server.port) as crowd:
        _come_in_crowds(name, server, crowd, limit, clients)
        # Those that were accepted have their echo; of the others nothing is to be heard.
        answered = []
        while more := crowd.receive(set(crowd.everybody()) - set(answered), 0.5, all_of_them=False):
            answered += more
        before = server.cpu_seconds()
        crowd.watch_silence(pause)
        paused = server.cpu_seconds() - before
        if paused > pause * CPU_SHARE_MAX + CPU_SECONDS_SPARE:
            raise Failure(f"{name} used {paused:.2f} s of CPU time in {pause} s without descriptors")
        _serve_the_rest(name, crowd, answered, time.monotonic() + SERVED_SECONDS_MAX)
        server.wait_until_quiet()
        server.finish()
        if server.accepted() != clients:
            raise Failure(f"{name} was given {server.accepted()} connections of {clients}")
    with way.serve(programs, limit) as server, Crowd(server.port) as crowd:
        _come_in_crowds(name, server, crowd, limit, clients)
        server.finish()  # in the middle of a pause
    return f"{name}: {len(answered)} at once, CPU {paused:.2f} s while paused, 0 lost"


def _serve_the_rest(name, crowd, answered, deadline):
    while True:
        crowd.leave(answered, abortive=False)
        if len(crowd) == 0:
            return
        answered = crowd.receive(crowd.everybody(), max(0, deadline - time.monotonic()), all_of_them=False)
        if not answered:
            raise Failure(f"{name}: {len(crowd)} clients were not served within {SERVED_SECONDS_MAX} s")
