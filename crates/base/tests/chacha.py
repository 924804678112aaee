"""Reference values for `random.rs`: ChaCha as in Bernstein (2008), written from the paper.

Run with `python3 chacha.py`; the first line is block 0 with 20 rounds, to compare with RFC 8439
(A.1, test vector 1), the others stand in the test `stream_is_chacha8`.
"""

import struct

MASK = 0xFFFFFFFF
ROWS = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
DIAGONALS = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]


def rotated(value, bits):
    return ((value << bits) | (value >> (32 - bits))) & MASK


def quarter(x, a, b, c, d):
    for i, j, k, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[i] = (x[i] + x[j]) & MASK
        x[k] = rotated(x[k] ^ x[i], bits)


def block(key, counter, rounds):
    start = list(struct.unpack("<4I", b"expand 32-byte k")) + list(struct.unpack("<8I", key))
    start += [counter & MASK, counter >> 32, 0, 0]
    x = list(start)
    for _ in range(rounds // 2):
        for columns in ROWS + DIAGONALS:
            quarter(x, *columns)
    return struct.pack("<16I", *((a + b) & MASK for a, b in zip(x, start)))


print("20 rounds, zero key, block 0:", block(bytes(32), 0, 20).hex())
print(" 8 rounds, zero key, block 0:", block(bytes(32), 0, 8).hex())
print(" 8 rounds, key 00..1f, block 0:", block(bytes(range(32)), 0, 8)[:16].hex())
print(" 8 rounds, key 00..1f, block 5:", block(bytes(range(32)), 5, 8)[:16].hex())
