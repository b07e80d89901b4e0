# SPDX-License-Identifier: MIT
"""Keeps the include table: which folder may include which, as docs/architecture.md draws it."""

import pathlib
import re
import sys

import source

# A folder of src may include itself and these. include/openwsk and include/shared are open to all.
MAY_INCLUDE = {
    "base": set(),
    "probe": {"base"},
    "host": {"base", "probe"},
    "net": {"base", "probe", "host"},
    "nt": {"base", "probe", "host"},
    "wsk": {"base", "probe", "host", "net", "nt"},
    "trace": {"base", "probe"},
    "loader": {"base", "probe", "host", "nt"},
    "machine": {"base", "probe", "host", "net", "nt", "wsk", "trace", "loader"},
}
# The rooms of src/wsk, from the bottom up: a room may include itself and these. A file beside them is
# a room of its own.
WSK_ROOMS = {
    "request": set(),
    "turn": {"request"},
    "memory": {"request"},
    "services.h": set(),
    "socket": {"request", "turn", "memory", "services.h"},
    "connection": {"request", "turn", "memory", "services.h", "socket"},
    "listen": {"request", "turn", "memory", "services.h", "socket", "connection"},
    "datagram": {"request", "turn", "memory", "services.h", "socket"},
    "stream": {"socket", "connection", "listen"},
    "basic": {"request", "turn", "services.h", "socket"},
    "registration": {"request", "services.h", "socket"},
    "resolve": {"request", "services.h", "socket", "registration"},
}
WSK_ROOMS["provider"] = set(WSK_ROOMS)
# The function headers of Windows (include/km) are for those who implement or run them.
SEE_FUNCTIONS = {"nt", "wsk", "loader", "machine"}
# Folders with the kind of room that they are: only the same kind and the machine may enter.
ROOMS = {"linux": "linux", "faulty": "faulty", "sim": "sim", "capture": "sim", "script": "sim"}
# The names of these two worlds collide: AF_INET6 is 23 in one and 10 in the other.
WINDOWS_SOCKETS = {"ws2def.h", "ws2ipdef.h", "wsk.h", "netiodef.h", "netioddk.h", "mstcpip.h"}
LINUX_SOCKETS = re.compile(r"^(sys/socket|netinet/.*|arpa/inet|linux/in6?|netdb)\.h$")

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(text):
    return [(match.group(1) == '"', match.group(2)) for match in _INCLUDE.finditer(text)]


def rooms_in(folders):
    return {ROOMS[folder] for folder in folders if folder in ROOMS}


def check_wsk_room(path, target, name):
    """What is wrong with an include of `name` from one file of src/wsk to another."""
    room = path.parts[2]
    if room not in WSK_ROOMS:
        return [f"{path}: src/wsk/{room} is not in the table of rooms of tests/tidy/layers.py"]
    if target != room and target not in WSK_ROOMS[room]:
        return [f"{path}: wsk/{room} may not include {name}"]
    return []


def check_floor(path, text, function_headers):
    """What is wrong with the includes of one file below src."""
    floor = path.parts[1]
    if floor not in MAY_INCLUDE:
        return [f"{path}: folder src/{floor} is not in the include table of tests/tidy/layers.py"]
    problems = []
    rooms = rooms_in(path.parts[2:-1])
    names = includes(text)
    for quoted, name in names:
        parts = pathlib.PurePosixPath(name).parts
        target = parts[0]
        if quoted and target not in MAY_INCLUDE:
            problems.append(f'{path}: "{name}" is not written from src ("floor/.../file.h")')
            continue
        if target in MAY_INCLUDE and quoted:
            if target != floor and target not in MAY_INCLUDE[floor]:
                problems.append(f"{path}: {floor} may not include {name}")
            if floor == target == "wsk":
                problems += check_wsk_room(path, parts[1], name)
            entered = rooms_in(parts[1:-1])
            if entered and floor != "machine" and entered != rooms:
                problems.append(f"{path}: only the machine chooses a room, {name} is one")
        needs_functions = name in function_headers or name == "openwsk/machine.h"
        if needs_functions and floor not in SEE_FUNCTIONS:
            problems.append(f"{path}: {floor} may not use the function header {name}")
    plain = {name for _, name in names}
    if plain & WINDOWS_SOCKETS and any(LINUX_SOCKETS.match(name) for name in plain):
        problems.append(f"{path}: Windows and Linux socket headers in one file")
    return problems


def check_outside(path, text):
    """Tools and examples are users: they see include/ and the files beside them."""
    problems = []
    for quoted, name in includes(text):
        if not quoted and "/" in name and name.split("/")[0] in MAY_INCLUDE:
            problems.append(f"{path}: {name} is inside src")
        if quoted and (name.startswith("..") or name.split("/")[0] in MAY_INCLUDE):
            problems.append(f"{path}: users see include/ only, not {name}")
    return problems


def check(root):
    function_headers = {path.name for path in (root / "include/km").glob("*.h")}
    problems = []
    for path in source.files(root, ["src"], {".h", ".cpp"}):
        problems += check_floor(path, (root / path).read_text(), function_headers)
    for path in source.files(root, ["tools", "examples"], {".h", ".c", ".cpp"}):
        problems += check_outside(path, (root / path).read_text())
    return problems


if __name__ == "__main__":
    sys.exit(
        source.report(
            "layers",
            check(source.root_from_arguments()),
            "Move the code to the floor it belongs to, or ask through an interface of a lower floor.",
        )
    )
