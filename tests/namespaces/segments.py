# SPDX-License-Identifier: MIT
"""TCP segments made by hand, and a link to send them on: for what no ordinary client does, or may do."""

import ipaddress
import select
import socket
import struct
import time

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP = 6
DESTINATION_OPTIONS, ROUTING = 60, 43
MSS_OPTION = b"\x02\x04\x05\xa0"


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(source, destination, ports, sequence=0, acknowledgement=0, flags=SYN, data=b"", spoil=0):
    """`spoil` is mixed into the checksum."""
    options = MSS_OPTION if flags & SYN else b""
    header = struct.pack("!HHIIBBHHH", *ports, sequence % 2**32, acknowledgement % 2**32,
                         (20 + len(options)) // 4 << 4, flags, 64000, 0, 0) + options
    length = len(header) + len(data)
    addresses = ipaddress.ip_address(source).packed + ipaddress.ip_address(destination).packed
    value = checksum(addresses + struct.pack("!IHBB", length, 0, 0, TCP) + header + data) ^ spoil
    return header[:16] + struct.pack("!H", value) + header[18:] + data


def packet(source, destination, content, next_header=TCP):
    from_ip, to_ip = ipaddress.ip_address(source).packed, ipaddress.ip_address(destination).packed
    if len(from_ip) == 16:
        return struct.pack("!IHBB", 6 << 28, len(content), next_header, 64) + from_ip + to_ip + content
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), 1, 0, 64, next_header, 0) + from_ip + to_ip
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + content


class Seen:
    """A segment that has arrived."""

    def __init__(self, body):
        _, self.port, self.sequence, self.acknowledgement, offset, self.flags = struct.unpack("!HHIIBB", body[:14])


def parse(data):
    if len(data) >= 40 and data[0] >> 4 == 4 and data[9] == TCP:
        return Seen(data[(data[0] & 15) * 4:])
    if len(data) >= 60 and data[0] >> 4 == 6 and data[6] == TCP:
        return Seen(data[40:])
    return None


class Link:
    """One end of a link: sends packets to the other end, and sees what arrives."""

    def __init__(self, device, other_end):
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind((device, 0))
        self._socket.setblocking(False)
        self._own = self._socket.getsockname()[4]
        self._other_end = other_end

    def close(self):
        self._socket.close()

    def send(self, data, to=None):
        """`to` is the hardware address, if it is not that of the other end."""
        kind = b"\x86\xdd" if data[0] >> 4 == 6 else b"\x08\x00"
        self._socket.send((to or self._other_end) + self._own + kind + data)

    def receive(self, port, flags, seconds):
        """The next segment to that port of ours that has all these flags, or None."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                break
            data, place = self._socket.recvfrom(65536)
            seen = parse(data[14:]) if place[2] != socket.PACKET_OUTGOING else None
            if seen is not None and seen.port == port and seen.flags & flags == flags:
                return seen
        return None
