"""TensorFlow's checkpoints read without TensorFlow: what it wrote, and everything that can be wrong."""

import base64
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from synvae_core.importing import ImportFailed
from synvae_core.importing.snappy import decompress
from synvae_core.importing.sstable import masked, read_table
from synvae_core.importing.tensor_bundle import TensorBundle
from synvae_core.importing.wire import fields, signed
from tests.synvae_core.importing.written import (
    block,
    field,
    footer,
    plain,
    snappy_literals,
    stored,
    table,
    varint,
    write_bundle,
)

ARRAYS: dict[str, NDArray[np.generic]] = {
    "encoder/mu/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
    "encoder/mu/bias": np.array([-1.5, 2.25, 0], dtype=np.float32),
    "encoder/scalar": np.array(7, dtype=np.float32),
    "encoder/nothing": np.zeros((0, 4), dtype=np.float32),
    "global_step": np.array(200_000, dtype=np.int64),
}

# What Google's own library makes of nine alike names, all byte values twice and 100 equal letters.
COMPRESSED = (
    "iwhYZGVjb2Rlci9tdWx0aV9ybm5fY2VsbC8BBRhfMC9sc3RtCREYa2VybmVsCm4vAAAxti8AADK2LwAAM7YvAAA0ti8AADW2LwAA"
    "NrYvAAA3ti8AADhGLwD0BQEAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5"
    "Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOE"
    "hYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx8jJysvMzc7P"
    "0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/AAECAwQF/gAB/gAB/gAB5gABAHr+AQCKAQA="
)


@pytest.mark.parametrize("name", ["cat_tiny", "hierdec4_tiny"])
def test_what_tensorflow_wrote_is_read_to_the_bit(name: str, fixtures_dir: Path) -> None:
    recorded = np.load(fixtures_dir / "magenta" / f"{name}_vars.npz")
    bundle = TensorBundle(fixtures_dir / "magenta" / f"{name}.ckpt")
    assert set(bundle) == set(recorded.files)
    for variable in recorded.files:
        np.testing.assert_array_equal(bundle[variable], recorded[variable])


@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize("pack", [plain, snappy_literals])
def test_shards_scalars_empty_arrays_and_compressed_indices_are_read(
    tmp_path: Path, shards: int, pack: Callable[[bytes], tuple[int, bytes]]
) -> None:
    write_bundle(tmp_path / "model.ckpt", ARRAYS, shards=shards, pack=pack)
    bundle = TensorBundle(tmp_path / "model.ckpt")
    floats = {name: array for name, array in ARRAYS.items() if array.dtype == np.float32}
    assert bundle.shapes == {name: array.shape for name, array in floats.items()}
    for name, array in floats.items():
        np.testing.assert_array_equal(bundle[name], array)


def test_a_checkpoint_that_is_cut_off_names_the_variable(tmp_path: Path) -> None:
    write_bundle(tmp_path / "model.ckpt", ARRAYS)
    data = tmp_path / "model.ckpt.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:10])
    bundle = TensorBundle(tmp_path / "model.ckpt")
    with pytest.raises(
        ImportFailed, match=r"is cut off: the variable encoder/mu/kernel ends at byte 36, the file at 10"
    ):
        bundle["encoder/mu/kernel"]


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    write_bundle(tmp_path / "model.ckpt", ARRAYS, shards=2)
    (tmp_path / "model.ckpt.data-00001-of-00002").unlink()
    bundle = TensorBundle(tmp_path / "model.ckpt")
    with pytest.raises(ImportFailed, match=r"model\.ckpt\.data-00001-of-00002 is missing"):
        dict(bundle)


def test_a_changed_bit_in_the_data_or_the_index_is_found(tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "model.ckpt", ARRAYS)
    data = tmp_path / "model.ckpt.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[1] ^= 4
    data.write_bytes(content)
    with pytest.raises(ImportFailed, match=r"encoder/mu/bias is damaged \(its checksum is wrong\)"):
        TensorBundle(tmp_path / "model.ckpt")["encoder/mu/bias"]
    content = bytearray(index.read_bytes())
    content[20] ^= 4
    index.write_bytes(content)
    with pytest.raises(ImportFailed, match="a checksum in it is wrong"):
        TensorBundle(tmp_path / "model.ckpt")


def entry(**changes: int | bytes) -> bytes:
    """A BundleEntryProto of one float."""
    values: dict[str, int | bytes] = {"dtype": 1, "shape": b"", "shard": 0, "offset": 0, "size": 4}
    values |= changes
    numbers = {"dtype": 1, "shape": 2, "shard": 3, "offset": 4, "size": 5, "slices": 7}
    return b"".join(field(numbers[name], value) for name, value in values.items())


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (entry(shape=field(2, field(1, -3))), "has a size or place that cannot be"),
        (entry(offset=-1), "has a size or place that cannot be"),
        (entry(shard=10**6), "has a size or place that cannot be"),
        (entry(size=8), "is stored in 8 bytes instead of 4"),
        (entry(shape=field(2, field(1, 2**62)) * 4, size=2**62), "stored in 4,611,686,018,427,387,904 bytes"),
        (entry(shape=field(2, field(1, 2**40)), size=2**42), r"ends at byte 4,398,046,511,104"),
        (entry(slices=b""), "is stored in slices"),
    ],
)
def test_sizes_and_places_that_cannot_be_are_refused(tmp_path: Path, message: bytes, sentence: str) -> None:
    (tmp_path / "m.index").write_bytes(table([(b"", field(1, 1)), (b"v", message)]))
    (tmp_path / "m.data-00000-of-00001").write_bytes(b"1234")
    with pytest.raises(ImportFailed, match=sentence):
        TensorBundle(tmp_path / "m")["v"]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (b"", "has no header"),
        (field(1, 0), "has no header"),
        (field(1, 1) + field(2, 1), "big-endian"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, header: bytes, sentence: str) -> None:
    write_bundle(tmp_path / "model.ckpt", ARRAYS, header=header)
    with pytest.raises(ImportFailed, match=sentence):
        TensorBundle(tmp_path / "model.ckpt")


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"text", b"\0" * 100):
        with pytest.raises(ImportFailed, match="This is no index of a TensorFlow checkpoint"):
            list(read_table(content))
    with pytest.raises(ImportFailed, match="cannot be read"):
        TensorBundle(tmp_path / "nowhere")


def test_names_out_of_order_and_endless_names_are_refused() -> None:
    with pytest.raises(ImportFailed, match="its names are not in order"):
        list(read_table(table([(b"b", b""), (b"a", b"")])))
    with pytest.raises(ImportFailed, match="longer than its block"):
        list(read_table(table([(b"a" * 1001, b"")])))


def test_blocks_that_are_used_twice_are_refused() -> None:
    handle, content = stored(b"", *plain(block([(b"a", b"")])))
    index, content = stored(content, *plain(block([(b"a", handle), (b"b", handle)])))
    with pytest.raises(ImportFailed, match="its blocks overlap"):
        list(read_table(content + footer(index, index)))


def test_a_block_that_unpacks_to_too_much_is_refused_unpacked() -> None:
    with pytest.raises(ImportFailed, match="claims a block of 1,099,511,627,776 bytes"):
        decompress(varint(2**40), most=1000)


def test_snappy_s_copies_are_read_as_google_s_library_writes_them() -> None:
    names = b"".join(b"decoder/multi_rnn_cell/cell_%d/lstm_cell/kernel\n" % i for i in range(9))
    content = names + bytes(range(256)) * 2 + b"z" * 100
    assert decompress(base64.b64decode(COMPRESSED), most=len(content)) == content


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x05",
        b"\x05\x10abc",
        b"\x05\x0cabcde",
        b"\x04\x01\x01",
        b"\x04\x0cabcd\x01\x09",
        b"\x04\x0eabcd",
        b"\x04\xf4",
    ],
)
def test_damaged_blocks_are_refused(damaged: bytes) -> None:
    with pytest.raises(ImportFailed, match="cannot be unpacked"):
        decompress(damaged, most=100)


def test_checksums_are_the_published_ones() -> None:
    """CRC-32C of "123456789" is E3069283 (RFC 3720's polynomial); masked as in LevelDB's crc32c.h."""
    from google_crc32c import value as crc32c

    assert crc32c(b"123456789") == 0xE3069283
    assert masked(0) == 0xA282EAD8
    assert masked(0xE3069283) == (0x2507C60D + 0xA282EAD8) & 0xFFFFFFFF


def test_messages_are_read_as_protocol_buffers_write_them() -> None:
    """The examples of protobuf.dev/programming-guides/encoding: 150 as varint, "testing" as bytes."""
    message = (
        bytes.fromhex("089601")
        + bytes.fromhex("120774657374696e67")
        + b"\x1d\x01\0\0\0"
        + b"\x21"
        + b"\x02" * 8
    )
    assert list(fields(message)) == [(1, 150), (2, b"testing"), (3, 1), (4, 0x0202020202020202)]
    assert signed(next(iter(dict(fields(field(1, -2))).values()))) == -2  # type: ignore[arg-type]


@pytest.mark.parametrize("message", [b"\x08", b"\x08" + b"\xff" * 11, b"\x12\x05ab", b"\x0b", b"\x1d\x01"])
def test_messages_that_end_too_early_are_refused(message: bytes) -> None:
    with pytest.raises(ImportFailed, match="index is damaged"):
        list(fields(message))
