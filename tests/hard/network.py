# SPDX-License-Identifier: MIT
"""A network of our own: the SYN gate may set rules in it, and what is left in it ends with us."""

import os
import re
import shutil
import subprocess
import sys

INSIDE = "OPENWSK_INSIDE_NAMESPACES"
ESTABLISHED, SYN_RECV, LISTEN = 1, 3, 10  # states of TCP, as the kernel numbers them

# Where the shell of an ordinary user does not look.
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"


class NotPermitted(Exception):
    pass


def enter():
    """Replaces this process by one in a new network namespace with loopback; only returns there."""
    if INSIDE in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    missing = [program for program in ("unshare", "ip") if shutil.which(program) is None]
    if missing:
        raise NotPermitted(f"no {' and no '.join(missing)}: script/bootstrap installs them")
    reasons = []
    for flags in ["--net"], ["--user", "--map-root-user", "--net"]:
        command = ["unshare", *flags]
        attempt = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True, text=True)
        if attempt.returncode == 0:
            sys.stdout.flush()
            os.execvpe("unshare", [*command, sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
        reasons.append(f"{' '.join(command)}: {attempt.stderr.strip()}")
    raise NotPermitted("network namespaces are not permitted here\n  " + "\n  ".join(reasons))


def connections_to(port):
    """(remote address, state) of the IPv4 connections to a local port, listeners left out."""
    found = []
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            _, local, remote, state, *_ = line.split()
            if int(local.split(":")[1], 16) == port and int(state, 16) != LISTEN:
                number = int(remote.split(":")[0], 16).to_bytes(4, sys.byteorder)
                found.append((".".join(str(byte) for byte in number), int(state, 16)))
    return found


def leave_rules(text):
    """Puts back what rules() said about nft, as tables without an owner: those outlive the process that made them.

    Where rules() shows queues, these drop: nft has no words for all the kinds of queues that we use.
    """
    tables = re.sub(r" # progname .*|\n\tflags owner\n", "\n", text)
    tables = re.sub(r"queue num .*", "drop", tables)
    subprocess.run(["nft", "-f", "-"], input=tables, text=True, check=True)


def queued():
    """(SYNs that queues hold, SYNs that the kernel has dropped because of a full queue); None if it does not say."""
    try:
        with open("/proc/net/netfilter/nfnetlink_queue", encoding="ascii") as table:
            queues = [[int(number) for number in line.split()] for line in table]
    except OSError:  # only the root of the whole machine may look
        return None
    return sum(queue[2] for queue in queues), sum(queue[5] + queue[6] for queue in queues)


def rules():
    """All packet filters of this network as text, and with which programs they were seen."""
    text, programs = "", []
    commands = [["nft", "list", "ruleset"]]
    for names, program in ("ip_tables_names", "iptables-legacy"), ("ip6_tables_names", "ip6tables-legacy"):
        try:
            with open(f"/proc/net/{names}", encoding="ascii") as tables:
                commands += [[program, "-w", "10", "-t", table, "-S"] for table in tables.read().split()]
        except OSError:
            continue  # not used here, or only the root of the whole machine may look
    environment = {**os.environ, "XTABLES_LOCKFILE": "/proc/self/ns/net"}
    for command in commands:
        if shutil.which(command[0]) is not None:
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            text += "".join(line for line in done.stdout.splitlines(True) if not line.startswith("-P "))
            programs.append(command[0])
    return text, sorted(set(programs))
