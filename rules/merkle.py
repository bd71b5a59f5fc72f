"""The Merkle tree of RFC 6962 over a county's ledger: roots, proofs, and what verifies them.

leaf(n) = SHA-256( 0x00 ‖ hash(n) as 64 hex digits ), node = SHA-256( 0x01 ‖ left ‖ right ). A tree
is kept as its frontier: the roots of the perfect subtrees that its size falls into, largest first.
It is grown by many leaves at once, level by level. Proofs are checked as RFC 9162, 2.1.3.2 and
2.1.4.2, say. Nodes are the 32 bytes themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

NODE_BYTES = 32


@dataclass(frozen=True)
class Frontier:
    """A tree of `size` leaves, as the roots of its perfect subtrees, largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def __str__(self) -> str:
        """As it is stored: the roots in hex, one after the other."""
        return b"".join(self.roots).hex()

    @property
    def root(self) -> bytes:
        """The tree's own root; of the empty tree SHA-256 of nothing."""
        if not self.roots:
            return sha256().digest()
        *larger, found = self.roots
        for left in reversed(larger):
            found = node(left, found)
        return found


def frontier(size: int, stored: str) -> Frontier:
    """A stored frontier. Raises ValueError when it is not that of a tree of this size."""
    nodes = bytes.fromhex(stored)
    if len(nodes) != size.bit_count() * NODE_BYTES:
        raise ValueError(f"{len(nodes)} bytes are no frontier of a tree of {size} leaves")
    starts = range(0, len(nodes), NODE_BYTES)
    return Frontier(size, tuple(nodes[start : start + NODE_BYTES] for start in starts))


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def leaves(hashes: Iterable[str]) -> list[bytes]:
    """The leaves of events, by their hashes as the ledger has them (64 hex digits)."""
    return [sha256(b"\x00" + each.encode()).digest() for each in hashes]


def grown(tree: Frontier, new: Sequence[bytes]) -> Frontier:
    """The tree with these leaves after its own."""
    known, kept, above = list(tree.roots), list[bytes](), tree.size
    level = list(new)
    while level:
        if above & 1:
            level.insert(0, known.pop())
        if len(level) & 1:
            kept.append(level.pop())
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        above >>= 1
    return Frontier(tree.size + len(new), (*known, *reversed(kept)))


def root_of(all_leaves: Sequence[bytes]) -> bytes:
    return grown(Frontier(), all_leaves).root


def _split(size: int) -> int:
    """The largest power of two smaller than the size: where RFC 6962 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(all_leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, D): the audit path of a leaf, counted from 0, from the leaf up."""
    size = len(all_leaves)
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    if size == 1:
        return []
    at = _split(size)
    left, right = all_leaves[:at], all_leaves[at:]
    if index < at:
        return [*inclusion(left, index), root_of(right)]
    return [*inclusion(right, index - at), root_of(left)]


def consistency(all_leaves: Sequence[bytes], first: int) -> list[bytes]:
    """PROOF(first, D): that the tree of the first leaves is the beginning of the whole one."""
    if not 0 < first <= len(all_leaves):
        raise ValueError(f"a tree of {len(all_leaves)} has no beginning of {first} leaves")
    return _subproof(all_leaves, first, is_whole=True)


def _subproof(part: Sequence[bytes], first: int, is_whole: bool) -> list[bytes]:
    if first == len(part):
        return [] if is_whole else [root_of(part)]
    at = _split(len(part))
    left, right = part[:at], part[at:]
    if first <= at:
        return [*_subproof(left, first, is_whole), root_of(right)]
    return [*_subproof(right, first - at, False), root_of(left)]


def is_included(own: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf is the one at `index` (from 0) of the tree with this size and root."""
    if not 0 <= index < size or not _are_nodes(own, root, *path):
        return False
    at, last, found = index, size - 1, own
    for each in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(each, found)
            at, last = _up_left(at, last)
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def _up_left(at: int, last: int) -> tuple[int, int]:
    """Up to where the node is a right child, for a node that ends its level."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def is_consistent(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Whether the tree of `first` leaves is the beginning of that of `second` leaves.

    A tree without leaves is the beginning of every tree.
    """
    if not 0 <= first <= second or not _are_nodes(first_root, second_root, *path):
        return False
    if first == second:
        return not path and first_root == second_root
    if first == 0:
        return not path and first_root == Frontier().root
    if not path:
        return False
    return _grows(first, second, path, first_root, second_root)


def _grows(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    start, *rest = path if first & (first - 1) else [first_root, *path]
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = start
    for each in rest:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(each, old), node(each, new)
            at, last = _up_left(at, last)
        else:
            new = node(new, each)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _are_nodes(*nodes: bytes) -> bool:
    return all(len(each) == NODE_BYTES for each in nodes)
