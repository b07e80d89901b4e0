# SPDX-License-Identifier: MIT
"""flood.py PORT KIND COUNT: SYNs with sources that are not ours, through a raw socket, as fast as they go.

  silent    from 10.66.0.0/16, where nobody is: answers are lost
  present   from 127.9.0.0/16, where a kernel is: it resets what it did not begin
  allowed   from 10.66.0.4 alone, which a driver may have on its list
"""

import errno
import random
import socket
import struct
import sys

SERVER = "127.0.0.1"
_IP = struct.Struct("!BBHHHBBH4s4s")
_TCP = struct.Struct("!HHIIBBHHH")
_SYN = 0x02
_PSEUDO = struct.Struct("!4s4sBBH")


def _checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def syn(source, source_port, port, sequence):
    destination = socket.inet_aton(SERVER)
    fields = [source_port, port, sequence, 0, 5 << 4, _SYN, 65535, 0, 0]
    pseudo = _PSEUDO.pack(source, destination, 0, socket.IPPROTO_TCP, _TCP.size)
    fields[7] = _checksum(pseudo + _TCP.pack(*fields))
    ip = _IP.pack(0x45, 0, _IP.size + _TCP.size, 0, 0, 64, socket.IPPROTO_TCP, 0, source, destination)
    return ip + _TCP.pack(*fields)


def _sources(kind, numbers):
    networks = {"silent": b"\x0a\x42", "present": b"\x7f\x09"}
    while True:
        yield networks[kind] + numbers.randbytes(2) if kind in networks else b"\x0a\x42\x00\x04"


def main():
    port, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    numbers = random.Random(port)
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sources = _sources(kind, numbers)
    for _ in range(count):
        segment = syn(next(sources), numbers.randrange(1024, 65536), port, numbers.getrandbits(32))
        try:
            wire.sendto(segment, (SERVER, 0))
        except OSError as error:
            if error.errno not in (errno.ENOBUFS, errno.EPERM):  # the latter: the queue was full
                raise


if __name__ == "__main__":
    main()
