"""Whatever a file says, reading it ends in variables or in the one named error, and in bounded memory."""

import json
import tarfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from synvae_core.importing import ImportFailed, import_musicvae
from synvae_core.importing.snappy import decompress
from synvae_core.importing.sstable import read_table
from synvae_core.importing.tensor_bundle import TensorBundle
from synvae_core.musicvae.tf_names import VariableError
from tests.synvae_core.importing.written import (
    FLAT,
    plain,
    snappy_literals,
    table,
    weights,
    write_bundle,
    write_config,
    write_manifest,
)

MOST_MEMORY = 64 * 2**20  # the written models have 25 kB
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6)
quick = settings(max_examples=40, deadline=None)


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Fails when the block takes more memory at once than any small file may cause."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


@cache
def files(kind: str) -> dict[str, bytes]:
    """The files of a good model."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        if kind == "manifest":
            write_manifest(root, weights(FLAT), "uint8")
            write_config(root)
        elif kind == "bundle":
            write_bundle(root / "mel_2bar.ckpt", weights(FLAT))
        else:
            path = root / f"mel_2bar.{kind}"
            archive = tarfile.open(path, "w:gz") if kind == "tar.gz" else tarfile.open(path, "w")  # noqa: SIM115
            with archive as tar, TemporaryDirectory() as inside:
                write_bundle(Path(inside) / "mel_2bar.ckpt", weights(FLAT))
                tar.add(inside, arcname="model")
        return {path.name: path.read_bytes() for path in root.iterdir()}


def changed(content: bytes, changes: list[tuple[float, int]], keep: float) -> bytes:
    """Content cut off after a share of it, with some bytes replaced."""
    result = bytearray(content[: int(len(content) * keep)])
    for place, value in changes:
        if result:
            result[int(place * len(result))] = value
    return bytes(result)


def survives(path: Path) -> None:
    """Imports what lies there, or is refused in words."""
    with suppress(ImportFailed, VariableError), bounded_memory():
        import_musicvae(path, bars=2)


@quick
@given(
    st.sampled_from(["bundle", "manifest", "tar", "tar.gz"]),
    st.data(),
    CHANGES,
    st.sampled_from([1.0, 1.0, 0.99, 0.4]),
)
def test_a_model_with_changed_files_is_read_or_refused(
    kind: str, data: st.DataObject, changes: list[tuple[float, int]], keep: float
) -> None:
    with TemporaryDirectory() as folder:
        hurt = data.draw(st.sampled_from(sorted(files(kind))))
        for name, content in files(kind).items():
            (Path(folder) / name).write_bytes(changed(content, changes, keep) if name == hurt else content)
        survives(Path(folder) / hurt if kind.startswith("tar") else Path(folder))


@quick
@given(
    st.dictionaries(st.binary(max_size=40), st.binary(max_size=60), max_size=12),
    st.sampled_from([plain, snappy_literals]),
    st.binary(max_size=50),
)
def test_any_index_with_true_checksums_is_read_or_refused(
    entries: dict[bytes, bytes], pack: object, shard: bytes
) -> None:
    content = table(sorted(entries.items()), pack=pack)  # type: ignore[arg-type]
    assert dict(read_table(content)) == entries
    header = {b"": b"\x08\x01"} | {name: value for name, value in entries.items() if name}
    with TemporaryDirectory() as folder:
        (Path(folder) / "m.index").write_bytes(table(sorted(header.items())))
        (Path(folder) / "m.data-00000-of-00001").write_bytes(shard)
        with suppress(ImportFailed), bounded_memory():
            dict(TensorBundle(Path(folder) / "m"))


@quick
@given(st.binary(max_size=300))
def test_any_bytes_as_an_index_or_a_compressed_block_are_refused_in_words(content: bytes) -> None:
    for read in (lambda: list(read_table(content)), lambda: decompress(content, most=10_000)):
        with suppress(ImportFailed), bounded_memory():
            read()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("float32"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["paths", "weights", "name", "shape", "dtype", "quantization", "scale", "min"]),
            inner,
        )
    ),
    max_leaves=12,
)


@quick
@given(JSON, st.sampled_from(["weights_manifest.json", "config.json"]))
def test_any_json_as_manifest_or_configuration_is_refused_in_words(content: object, name: str) -> None:
    with TemporaryDirectory() as folder:
        for other, good in files("manifest").items():
            (Path(folder) / other).write_bytes(good)
        (Path(folder) / name).write_text(json.dumps(content))
        survives(Path(folder))
