"""The tree is RFC 6962's: published vectors first, then every small tree against the definition."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.merkle import (
    Frontier,
    consistency,
    frontier,
    grown,
    inclusion,
    is_consistent,
    is_included,
    leaf,
    leaves,
    root_of,
)

# The reference vectors of Certificate Transparency: google/certificate-transparency,
# cpp/merkletree; transparency-dev/merkle, proof/verify_test.go.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "60" + "".join(
    f"{n:x}" for n in range(0x61, 0x70)
)]  # fmt: skip
LEAVES = [leaf(bytes.fromhex(data)) for data in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {  # (leaf counted from 1, size) → audit path
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
PROOFS = {  # (first, second) → consistency proof
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def raw(nodes: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in nodes]


ROOT = raw(ROOTS)


def test_the_last_input_is_the_published_one() -> None:
    assert INPUTS[-1] == "606162636465666768696a6b6c6d6e6f"


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert root_of(LEAVES[:size]) == ROOT[size]


@pytest.mark.parametrize(("number", "size"), PATHS)
def test_published_audit_paths(number: int, size: int) -> None:
    path = raw(PATHS[number, size])
    assert inclusion(LEAVES[:size], number - 1) == path
    assert is_included(LEAVES[number - 1], number - 1, size, path, ROOT[size])


@pytest.mark.parametrize(("first", "second"), PROOFS)
def test_published_consistency_proofs(first: int, second: int) -> None:
    path = raw(PROOFS[first, second])
    assert consistency(LEAVES[:second], first) == path
    assert is_consistent(first, second, path, ROOT[first], ROOT[second])


ODD = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")


@dataclass(frozen=True)
class Included:
    own: bytes
    index: int
    size: int
    path: list[bytes]
    root: bytes

    def holds(self) -> bool:
        return is_included(self.own, self.index, self.size, self.path, self.root)

    def wrong(self) -> Iterator["Included"]:
        """The published ways of getting a proof wrong."""
        for index in (self.index - 1, self.index + 1, self.index ^ 2):
            yield replace(self, index=index)
        for size in (self.size * 2, self.size // 2):
            yield replace(self, size=size)
        for root in (ROOT[0], ODD, b""):
            yield replace(self, root=root)
        for own in (b"WrongLeaf", b"", ODD):
            yield replace(self, own=own)
        for path in spoiled(self.path, self.root):
            yield replace(self, path=path)


@dataclass(frozen=True)
class Consistent:
    first: int
    second: int
    path: list[bytes]
    old: bytes
    new: bytes

    def holds(self) -> bool:
        return is_consistent(self.first, self.second, self.path, self.old, self.new)

    def wrong(self) -> Iterator["Consistent"]:
        for first in (self.first - 1, self.first + 1, self.first ^ 2):
            yield replace(self, first=first)
        for second in (self.second * 2, self.second // 2):
            yield replace(self, second=second)
        yield replace(self, old=b"WrongRoot")
        yield replace(self, new=b"WrongRoot")
        yield replace(self, old=self.new, new=self.old)
        for path in ([], *spoiled(self.path, self.old), *spoiled(self.path, self.new)):
            yield replace(self, path=path)


def spoiled(path: list[bytes], root: bytes) -> Iterator[list[bytes]]:
    for odd in (b"", root, ODD):
        yield [*path, odd]
        yield [odd, *path]
    for n, own in enumerate(path):
        yield [*path[:n], bytes([own[0] ^ 8]) + own[1:], *path[n + 1 :]]
        yield [*path[:n], *path[n + 1 :]]
        yield [*path[:n], ODD, *path[n:]]


@pytest.mark.parametrize(("number", "size"), [key for key in PATHS if PATHS[key]])
def test_a_published_path_that_was_spoiled_proves_nothing(number: int, size: int) -> None:
    path = raw(PATHS[number, size])
    sound = Included(LEAVES[number - 1], number - 1, size, path, ROOT[size])
    assert sound.holds()
    assert [each for each in sound.wrong() if each.holds()] == []


@pytest.mark.parametrize(("first", "second"), [key for key in PROOFS if PROOFS[key]])
def test_a_published_consistency_proof_that_was_spoiled_proves_nothing(
    first: int, second: int
) -> None:
    sound = Consistent(first, second, raw(PROOFS[first, second]), ROOT[first], ROOT[second])
    assert sound.holds()
    assert [each for each in sound.wrong() if each.holds()] == []


@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (Consistent(0, 0, [], ROOT[0], ROOT[0]), True),
        (Consistent(0, 1, [], ROOT[0], ROOT[1]), True),
        (Consistent(1, 1, [], ROOT[1], ROOT[1]), True),
        (Consistent(1, 1, [], ROOT[1], ROOT[2]), False),
        (Consistent(1, 0, [], ROOT[1], ROOT[0]), False),
        (Consistent(2, 1, [], ROOT[2], ROOT[1]), False),
        (Consistent(1, 2, [], ROOT[1], ROOT[2]), False),
        (Consistent(0, 0, [ROOT[0]], ROOT[0], ROOT[0]), False),
        (Consistent(0, 1, [ROOT[0]], ROOT[0], ROOT[0]), False),
        (Consistent(1, 1, [ROOT[0]], ROOT[0], ROOT[0]), False),
        (Consistent(0, 1, [], ROOT[1], ROOT[1]), False),
    ],
)
def test_published_border_cases(proof: Consistent, holds: bool) -> None:
    assert proof.holds() is holds


def defined(part: list[bytes]) -> bytes:
    """MTH(D) as RFC 6962, 2.1, writes it down."""
    if not part:
        return sha256(b"").digest()
    if len(part) == 1:
        return part[0]
    at = max(2**n for n in range(len(part)) if 2**n < len(part))
    return sha256(b"\x01" + defined(part[:at]) + defined(part[at:])).digest()


MANY = leaves(f"{n:064x}" for n in range(40))


def test_every_leaf_of_every_small_tree_is_proved_and_no_other() -> None:
    for size in range(1, len(MANY) + 1):
        root = root_of(MANY[:size])
        assert root == defined(MANY[:size])
        for index in range(size):
            path = inclusion(MANY[:size], index)
            proved = [n for n in range(size) if is_included(MANY[n], index, size, path, root)]
            assert proved == [index]


def test_every_beginning_of_every_small_tree_is_proved_and_no_other_tree() -> None:
    other = [*MANY[:3], ODD, *MANY[4:]]
    for second in range(1, len(MANY) + 1):
        root = root_of(MANY[:second])
        for first in range(1, second + 1):
            path = consistency(MANY[:second], first)
            assert is_consistent(first, second, path, root_of(MANY[:first]), root)
            if first > 3:
                assert not is_consistent(first, second, path, root_of(other[:first]), root)


@given(parts=st.lists(st.integers(0, 20), max_size=12))
def test_a_tree_that_grew_in_parts_is_the_tree_of_all_leaves(parts: list[int]) -> None:
    tree, all_leaves = Frontier(), list[bytes]()
    for number, count in enumerate(parts):
        new = leaves(f"{number}:{n}" for n in range(count))
        all_leaves += new
        tree = grown(tree, new)
        assert (tree.size, tree.root) == (len(all_leaves), defined(all_leaves))
        assert len(tree.roots) == tree.size.bit_count()
        assert frontier(tree.size, str(tree)) == tree


@pytest.mark.parametrize(("size", "stored"), [(1, ""), (0, "00" * 32), (3, "00" * 32), (1, "0g")])
def test_a_frontier_of_another_size_is_refused(size: int, stored: str) -> None:
    with pytest.raises(ValueError, match=r"no frontier|non-hexadecimal"):
        frontier(size, stored)


@pytest.mark.parametrize("index", [-1, 5])
def test_there_is_no_path_to_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of 5"):
        inclusion(MANY[:5], index)


@pytest.mark.parametrize("first", [0, 6])
def test_there_is_no_proof_for_a_beginning_that_is_none(first: int) -> None:
    with pytest.raises(ValueError, match=f"no beginning of {first}"):
        consistency(MANY[:5], first)


def test_many_leaves_are_appended_at_once_in_little_time() -> None:
    """A million takes about a second of processor time; a tenth must stay well under one."""
    hashes = [f"{n:064x}" for n in range(100_000)]
    before = process_time()
    tree = grown(Frontier(), leaves(hashes))
    assert process_time() - before < 1
    assert tree.size == len(hashes)
