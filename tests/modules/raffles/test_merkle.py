"""Merkle trees: the root follows RFC 6962, and an audit path proves one position only."""

from hypothesis import given
from hypothesis import strategies as st

from luxewin.modules.raffles.domain import merkle

HASHES = st.integers(0, 70).map(lambda size: [merkle.leaf_hash(bytes([number])) for number in range(size)])


def defined_root(hashes: list[bytes]) -> bytes:
    """Compute the root as RFC 6962, section 2.1, defines it."""
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return merkle.node_hash(defined_root(hashes[:split]), defined_root(hashes[split:]))


@given(HASHES)
def test_the_root_is_the_one_that_the_rfc_defines(hashes: list[bytes]) -> None:
    assert merkle.root_of(hashes) == defined_root(hashes)


@given(HASHES.filter(bool), st.data())
def test_a_path_leads_to_the_root_for_its_position_only(hashes: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(hashes) - 1))
    root, path = merkle.root_of(hashes), merkle.inclusion_path(hashes, position)
    assert len(path) <= len(hashes).bit_length()

    def root_at(claimed: int) -> bytes | None:
        return merkle.root_from_path(hashes[position], position=claimed, entries=len(hashes), path=path)

    assert root_at(position) == root
    assert all(root_at(other) != root for other in range(-1, len(hashes) + 1) if other != position)


@given(HASHES.filter(lambda hashes: len(hashes) > 1), st.data())
def test_a_longer_shorter_or_altered_path_does_not_lead_to_the_root(hashes: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(hashes) - 1))
    root, path = merkle.root_of(hashes), merkle.inclusion_path(hashes, position)
    altered = [bytes(32), *path[1:]]
    for wrong in (path[:-1], [*path, path[-1]], altered):
        found = merkle.root_from_path(hashes[position], position=position, entries=len(hashes), path=wrong)
        assert found != root
