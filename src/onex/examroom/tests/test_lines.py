"""The chain of a candidate's lines and the receipts, without a database."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from onex.examroom.gate.lines import FIRST, batch_digest, chain_of, hand_in_receipt, line_hash, receipt

ATTEMPT = "01890a5d-ac96-774b-bcce-b302099a8057"


@dataclass(frozen=True)
class Row:
    sign_in: int
    seq: int
    item: str
    body: str
    prev: bytes
    hash: bytes


def chain(*sign_ins: int) -> list[Row]:
    """That many lines for each sign-in, as a page writes them."""
    rows = []
    for sign_in, count in enumerate(sign_ins, start=1):
        prev = FIRST
        for seq in range(1, count + 1):
            own = line_hash(prev, ATTEMPT, sign_in, seq, f"s{seq}", '"A"')
            rows.append(Row(sign_in, seq, f"s{seq}", '"A"', bytes.fromhex(prev), bytes.fromhex(own)))
            prev = own
    return rows


def test_the_hash_of_a_line_is_the_contracts():
    # sha256 of six fields joined by line feeds, computed by hand with sha256sum.
    assert line_hash(FIRST, ATTEMPT, 1, 1, "s1", '"B"') == (
        "60a90fe99f740f3c03d2dae1e8eb3ce4fa39b5cbf1097a8e4e42b59f33ee757e"
    )


@given(st.lists(st.integers(0, 6), min_size=0, max_size=4))
def test_whole_chains_are_in_order_whatever_the_order_of_the_rows(sign_ins):
    rows = chain(*sign_ins)
    assert chain_of(ATTEMPT, rows) == "ok"
    assert chain_of(ATTEMPT, list(reversed(rows))) == "ok"


@given(st.integers(2, 8), st.data())
def test_a_line_taken_out_is_a_gap_unless_it_was_the_last(count, data):
    rows = chain(count)
    taken = data.draw(st.integers(0, count - 1))
    assert chain_of(ATTEMPT, rows[:taken] + rows[taken + 1 :]) == ("ok" if taken == count - 1 else "gap")


def test_two_lines_after_the_same_one_are_a_fork():
    rows = chain(3)
    other = line_hash(rows[1].prev.hex(), ATTEMPT, 1, 9, "s9", '"Z"')
    assert chain_of(ATTEMPT, [*rows, Row(1, 9, "s9", '"Z"', rows[1].prev, bytes.fromhex(other))]) == "fork"
    assert chain_of(ATTEMPT, rows, conflicts=1) == "fork"


def test_an_altered_row_is_broken():
    rows = chain(3)
    assert chain_of(ATTEMPT, [rows[0], replace(rows[1], body='"D"'), rows[2]]) == "broken"


def test_a_number_may_be_left_out_when_the_links_hold():
    first = chain(1)[0]
    own = line_hash(first.hash.hex(), ATTEMPT, 1, 5, "s5", '"A"')
    assert chain_of(ATTEMPT, [first, Row(1, 5, "s5", '"A"', first.hash, bytes.fromhex(own))]) == "ok"


def test_a_receipt_speaks_of_one_line_at_one_time_under_one_key():
    said = {
        receipt(b"k", ATTEMPT, 1, 1, "ab", 5),
        receipt(b"x", ATTEMPT, 1, 1, "ab", 5),
        receipt(b"k", ATTEMPT, 2, 1, "ab", 5),
        receipt(b"k", ATTEMPT, 1, 2, "ab", 5),
        receipt(b"k", ATTEMPT, 1, 1, "ac", 5),
        receipt(b"k", ATTEMPT, 1, 1, "ab", 6),
        hand_in_receipt(b"k", ATTEMPT, 5),
        hand_in_receipt(b"k", ATTEMPT, 6),
    }
    assert len(said) == 8


def test_a_batch_remembers_the_order_and_what_came_before():
    one, two = b"1" * 32, b"2" * 32
    assert (
        len({batch_digest(bytes(32), [one, two]), batch_digest(bytes(32), [two, one]), batch_digest(one, [one, two])})
        == 3
    )
