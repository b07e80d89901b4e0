# SPDX-License-Identifier: MIT
"""Where a child runs: on which core, in which network, with how many descriptors."""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess

DESCRIPTORS_SPARE = 500  # a server's own, and those of the clients that come beside a crowd
CONNECTIONS_MIN = 100
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1

_LIBC = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """What to tell the user instead of a table."""


class Place:
    """A core and a network for a child. Neither: those that we have ourselves."""

    def __init__(self, core=None, namespaces=()):
        self._core = core
        self._namespaces = namespaces

    def prepare(self):
        """For preexec_fn. The child ends when we end; the last step, because others would undo it."""
        for descriptor, kind in self._namespaces:
            if _LIBC.setns(descriptor, kind) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        if self._core is not None:
            os.sched_setaffinity(0, {self._core})
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def server_and_client(namespaces=()):
    """Two cores if there are two, so that server and clients do not wait for each other."""
    cores = sorted(os.sched_getaffinity(0))
    server, client = cores[:2] if len(cores) > 1 else (None, None)
    return Place(server, namespaces), Place(client, namespaces)


@contextlib.contextmanager
def private_network():
    """The same two places in a network namespace, where a server may set packet filters without being root."""
    # It ends with its input, and that ends with us.
    holder = subprocess.Popen(
        ["unshare", "-Urn", "sh", "-c", "ip link set lo up && echo ready && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with contextlib.ExitStack() as stack:
        stack.callback(holder.wait)
        stack.callback(holder.stdin.close)
        if holder.stdout.readline() != "ready\n":
            raise Failure(f"no network namespace: {holder.stderr.read().strip()}")
        namespaces = []
        for name, kind in (("user", CLONE_NEWUSER), ("net", CLONE_NEWNET)):
            descriptor = os.open(f"/proc/{holder.pid}/ns/{name}", os.O_RDONLY)
            stack.callback(os.close, descriptor)
            namespaces.append((descriptor, kind))
        yield server_and_client(namespaces)


def raise_descriptor_limit(connections):
    """For us and our children. Returns how many connections a process may then have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + DESCRIPTORS_SPARE
    if hard != resource.RLIM_INFINITY and hard < wanted:
        with contextlib.suppress(ValueError, OSError):  # only root may raise the hard limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            hard = wanted
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    allowed = connections if hard == resource.RLIM_INFINITY else min(connections, hard - DESCRIPTORS_SPARE)
    if allowed < CONNECTIONS_MIN:
        raise Failure(f"the descriptor limit of {hard} (ulimit -Hn) is too low for any crowd")
    return allowed
