# SPDX-License-Identifier: MIT
"""A user and network namespace of our own: there any user may have the gate "syn"."""

import fcntl
import re
import socket
import struct
import subprocess

ENTER = ["unshare", "-Urn"]  # of util-linux; replaces itself by the command behind
EXAMINATION_SECONDS_MAX = 60

_GATE = re.compile(r'gate "(\w*)": (.*)$', re.MULTILINE)
_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFF_UP = 1
_IFREQ = "16sH22x"  # name, flags, and what else the kernel reads


def find_gate(wskrun, enter=()):
    """The gate that wskrun takes if it may choose, and why; None, and why, if it could not even be started."""
    try:
        # In a session of its own: Ctrl-C must not end it while it has a rule in the kernel.
        result = subprocess.run(
            [*enter, wskrun, "doctor"],
            capture_output=True, text=True, timeout=EXAMINATION_SECONDS_MAX, start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return None, str(error)
    gate = _GATE.search(result.stdout)
    if gate is None:
        return None, result.stderr.strip() or f"wskrun doctor ended with status {result.returncode}"
    return gate[1], gate[2]


def place_of_syn_gate(wskrun):
    """What to put before a command so that it may have the gate "syn"; None, and why, if nothing helps."""
    for enter in [], ENTER:
        gate, reason = find_gate(wskrun, enter)
        if gate == "syn":
            return enter, reason
    return None, f"no gate \"syn\", not even in a namespace of its own ({' '.join(ENTER)}): {reason}"


def _loopback_flags(request_socket):
    request = struct.pack(_IFREQ, b"lo", 0)
    return struct.unpack(_IFREQ, fcntl.ioctl(request_socket, _SIOCGIFFLAGS, request))[1]


def is_loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as request_socket:
        return _loopback_flags(request_socket) & _IFF_UP != 0


def bring_loopback_up():
    """In a new network namespace it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as request_socket:
        flags = _loopback_flags(request_socket) | _IFF_UP
        fcntl.ioctl(request_socket, _SIOCSIFFLAGS, struct.pack(_IFREQ, b"lo", flags))
