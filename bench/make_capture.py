"""Writes a large capture of mixed traffic for benchmarks: make_capture.py SEED.pcap OUT.pcap MEGABYTES.

The handshakes of SEED (a small capture of real clients on loopback, Ethernet) are repeated with other ports, between bulk
transfers of full segments: about one handshake a megabyte, as on a busy uplink.
"""
import os
import struct
import sys


def read(path):
    data = open(path, "rb").read()
    assert struct.unpack("<I", data[:4])[0] == 0xa1b2c3d4, "not a little-endian microsecond pcap"
    at, packets = 24, []
    while at < len(data):
        size = struct.unpack("<I", data[at + 8:at + 12])[0]
        packets.append(bytearray(data[at + 16:at + 16 + size]))
        at += 16 + size
    return data[:24], packets


def frame(packet):
    return struct.pack("<IIII", 1_700_000_000, 0, len(packet), len(packet)) + packet


def bulk(flow, count):
    """A transfer of `count` segments of 1448 bytes, acknowledged every second one."""
    client, server = 20000 + flow % 30000, 8080
    body = os.urandom(1448)
    out, sequence = [], flow * 7919
    ethernet = bytes(12) + b"\x08\x00"

    def segment(source, to, seq, flags, payload):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 64, 6, 0, bytes([10, 0, flow >> 8 & 255, flow & 255]), bytes([10, 1, 0, 1]))
        return ethernet + ip + struct.pack("!HHIIBBHHH", source, to, seq & 0xffffffff, 0, 0x50, flags, 65535, 0, 0) + payload

    out.append(frame(segment(client, server, sequence, 2, b"")))
    for i in range(count):
        out.append(frame(segment(client, server, sequence + 1 + i * 1448, 0x18, body)))
        if i % 2:
            out.append(frame(segment(server, client, 1, 0x10, b"")))
    return out


def main(seed, out, megabytes):
    header, packets = read(seed)
    with open(out, "wb") as file:
        file.write(header)
        written, turn = 0, 0
        while written < megabytes << 20:
            shifted = []
            for packet in packets:
                copy = bytearray(packet)
                copy[28] = copy[32] = turn >> 8 & 127  # the third bytes of both addresses
                copy[27] = copy[31] = turn & 255
                shifted.append(frame(bytes(copy)))
            data = b"".join([*shifted, *bulk(turn, 24 * 700)])
            file.write(data)
            written += len(data)
            turn += 1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
