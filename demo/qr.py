"""Reads a QR code from its modules (ISO/IEC 18004): versions 1 to 12, byte and alphanumeric and numeric segments.

For a code drawn by a machine and read from the drawing: no error correction is needed, and none is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Modules = Sequence[Sequence[bool]]

# ISO/IEC 18004, table 9: error correction codewords of a block and number of blocks, versions 1 to 12.
_LEVELS = {1: "L", 0: "M", 3: "Q", 2: "H"}  # the two bits of the format information
_PER_BLOCK = {
    "L": (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24),
    "M": (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22),
    "Q": (13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26),
    "H": (17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28),
}
_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11),
}
# Annex E: centres of the alignment patterns.
_CENTRES = ((), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46), (6, 28, 50),
            (6, 30, 54), (6, 32, 58))  # fmt: skip
_MASKS = (
    lambda r, c: (r + c) % 2,
    lambda r, c: r % 2,
    lambda r, c: c % 3,
    lambda r, c: (r + c) % 3,
    lambda r, c: (r // 2 + c // 3) % 2,
    lambda r, c: r * c % 2 + r * c % 3,
    lambda r, c: (r * c % 2 + r * c % 3) % 2,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
)
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_FORMAT_MASK = 0b101010000010010


def decode(modules: Modules) -> str:
    """The text of a code; `modules` are rows of dark (True) and light ones, without the quiet zone.

    Raises ValueError for sizes and segments that this reader does not know.
    """
    size = len(modules)
    version = (size - 17) // 4
    if (size - 17) % 4 or not 1 <= version <= len(_CENTRES) or any(len(row) != size for row in modules):
        raise ValueError(f"no QR code that can be read here has {size} modules a side")
    level, mask = _format_of(modules)
    words = _codewords(modules, version, mask)
    return _text(_deinterleaved(words, version, level), version)


def _format_of(modules: Modules) -> tuple[str, int]:
    """Error correction level and mask, from the copy around the upper left corner."""
    places = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    bits = 0
    for row, column in places:
        bits = bits << 1 | modules[row][column]
    bits ^= _FORMAT_MASK
    return _LEVELS[bits >> 13], bits >> 10 & 7


def _is_function(row: int, column: int, version: int) -> bool:
    """Whether a module belongs to the patterns of the code rather than to its data."""
    size = version * 4 + 17
    if row == 6 or column == 6:
        return True
    if (row <= 8 and column <= 8) or (row <= 8 and column >= size - 8) or (row >= size - 8 and column <= 8):
        return True
    if version >= 7 and ((row < 6 and size - 11 <= column) or (column < 6 and size - 11 <= row)):
        return True
    centres = _CENTRES[version - 1]
    last = centres[-1] if centres else 0
    return any(
        abs(row - y) <= 2 and abs(column - x) <= 2
        for y in centres
        for x in centres
        if (y, x) not in ((6, 6), (6, last), (last, 6))
    )


def _codewords(modules: Modules, version: int, mask: int) -> list[int]:
    """Bits in the order of the zigzag, unmasked, as bytes."""
    words, bits, count = [], 0, 0
    for row, column in _zigzag(len(modules)):
        if _is_function(row, column, version):
            continue
        bits = bits << 1 | (modules[row][column] ^ (_MASKS[mask](row, column) == 0))
        count += 1
        if count == 8:
            words.append(bits)
            bits = count = 0
    return words


def _zigzag(size: int) -> Iterator[tuple[int, int]]:
    upwards = True
    right = size - 1
    while right > 0:
        if right == 6:  # the timing pattern has a column to itself
            right -= 1
        for step in range(size):
            row = size - 1 - step if upwards else step
            yield row, right
            yield row, right - 1
        upwards = not upwards
        right -= 2


def _deinterleaved(words: Sequence[int], version: int, level: str) -> bytes:
    """The data codewords in their own order; short blocks come before long ones."""
    blocks, corrections = _BLOCKS[level][version - 1], _PER_BLOCK[level][version - 1]
    data = len(words) - blocks * corrections
    short, longer = divmod(data, blocks)
    sizes = [short] * (blocks - longer) + [short + 1] * longer
    found: list[list[int]] = [[] for _ in sizes]
    taken = iter(words)
    for place in range(short + 1):
        for block, size in zip(found, sizes, strict=True):
            if place < size:
                block.append(next(taken))
    return bytes(word for block in found for word in block)


def _text(data: bytes, version: int) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    place, found = 0, bytearray()

    def take(count: int) -> int:
        nonlocal place
        value = int(bits[place : place + count], 2)
        place += count
        return value

    while len(bits) - place >= 4 and (mode := take(4)):
        if mode == 4:
            found += bytes(take(8) for _ in range(take(8 if version < 10 else 16)))
        elif mode == 2:
            count = take(9 if version < 10 else 11)
            for _ in range(count // 2):
                pair = take(11)
                found += (_ALPHANUMERIC[pair // 45] + _ALPHANUMERIC[pair % 45]).encode()
            if count % 2:
                found += _ALPHANUMERIC[take(6)].encode()
        elif mode == 1:
            count = take(10 if version < 10 else 12)
            for width, digits in ((10, 3), (7, 2), (4, 1)):
                while count >= digits:
                    found += f"{take(width):0{digits}d}".encode()
                    count -= digits
                    if digits < 3:
                        break
        else:
            raise ValueError(f"a segment of mode {mode}")
    return found.decode()
