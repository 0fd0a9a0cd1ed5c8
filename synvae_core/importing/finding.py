"""Where the weights lie in what a user points at: a file, a folder or an archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from synvae_core.importing.archives import is_archive, unpack
from synvae_core.importing.manifest import MANIFEST, Manifest
from synvae_core.importing.tensor_bundle import SUFFIX, TensorBundle
from synvae_core.importing.variables import ImportFailed, Variables

LATEST = re.compile(r'^\s*model_checkpoint_path:\s*"(.+)"', re.MULTILINE)
MOST_STATE_BYTES = 2**20  # of the file `checkpoint`
READABLE = (
    "give a TensorFlow checkpoint (its .index file, its name without it, its folder, or a tar archive of it) "
    f"or a Magenta.js folder with {MANIFEST}"
)


@contextmanager
def open_variables(path: Path) -> Iterator[Variables]:
    """The variables at `path`, readable inside the block; raises ImportFailed."""
    if path.is_file() and is_archive(path):
        with TemporaryDirectory(prefix="earsight-import-") as scratch:
            unpack(path, Path(scratch))
            yield _in_folder(Path(scratch), path.name)
    elif path.is_dir():
        yield _in_folder(path, str(path))
    elif path.name == MANIFEST:
        yield Manifest(path.parent)
    else:
        yield _bundle(path)


def _bundle(path: Path) -> TensorBundle:
    """A checkpoint by its index, by one of its shards or by the name they share."""
    name = re.sub(r"(\.index|\.data-\d{5}-of-\d{5})$", "", path.name)
    prefix = path.with_name(name or path.name)
    if prefix.with_name(prefix.name + SUFFIX).is_file():
        return TensorBundle(prefix)
    if path.exists():
        raise ImportFailed(f"{path} has no index {prefix.name}{SUFFIX} beside it: {READABLE}.")
    raise ImportFailed(f"There is nothing at {path}: {READABLE}.")


def _in_folder(folder: Path, called: str) -> Variables:
    """The manifest or the checkpoint in a folder, or in one below it."""
    manifests = sorted(folder.rglob(MANIFEST))
    if manifests:
        return Manifest(_only(manifests, called).parent)
    states = [found for state in sorted(folder.rglob("checkpoint")) if (found := _latest(state))]
    indices = states or sorted(folder.rglob(f"*{SUFFIX}"))
    if not indices:
        raise ImportFailed(f"{called} holds no weights that can be imported: {READABLE}.")
    return _bundle(_only(indices, called))


def _only(found: list[Path], called: str) -> Path:
    if len(found) > 1:
        names = ", ".join(path.name if path.name != MANIFEST else path.parent.name for path in found[:5])
        raise ImportFailed(f"{called} holds several models ({names}): give one of them.")
    return found[0]


def _latest(state: Path) -> Path | None:
    """The index that TensorFlow's file `checkpoint` names, if it lies beside it.

    Only the name counts: the path is often that of the machine which trained.
    """
    if not state.is_file() or state.stat().st_size > MOST_STATE_BYTES:
        return None
    named = LATEST.search(state.read_text(encoding="utf-8", errors="replace"))
    if named is None:
        return None
    index = state.with_name(re.split(r"[/\\]", named[1])[-1] + SUFFIX)
    return index if index.is_file() else None
