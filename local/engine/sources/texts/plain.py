"""A file as plain UTF-8 on this machine, whatever its compression and encoding."""

import bz2
import codecs
import gzip
import lzma
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from common.errors import UserError

# What is read at once, so that a large file needs little memory. 1 MiB
CHUNK = 1 << 20
OPENERS: dict[str, Callable[[Path], Any]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
    ".zst": lambda file: pa.input_stream(str(file), compression="zstd"),
    ".lz4": lambda file: pa.input_stream(str(file), compression="lz4"),
}
UNSUPPLIED = (".snappy", ".deflate", ".lzo", ".zip")


def plain_file(file: Path, encoding: str, scratch: Path) -> Path:
    """The file itself, or its copy below `scratch`, unpacked (its ending says how) and in UTF-8.

    Raises UserError for a file that cannot be unpacked, and for an encoding that is not known.
    """
    decoder = _decoder(encoding)
    if file.suffix.lower() in UNSUPPLIED:
        raise UserError(
            f"{file}: files ending in {file.suffix} are not unpacked here; deliver it as .gz or plain"
        )
    opener = OPENERS.get(file.suffix.lower())
    if opener is None and decoder is None:
        return file
    copy = scratch / "plain"
    try:
        with opener(file) if opener else file.open("rb") as source, copy.open("wb") as target:
            _copy(source, target, decoder)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"{file} cannot be unpacked ({error}): deliver it whole") from error
    return copy


def _decoder(encoding: str) -> codecs.IncrementalDecoder | None:
    try:
        found = codecs.lookup(encoding)
    except LookupError:
        raise UserError(f"the option encoding = {encoding} is not known: give a name such as UTF-8") from None
    return None if found.name in ("utf-8", "ascii") else codecs.getincrementaldecoder(encoding)("replace")


def _copy(source: IO[bytes], target: IO[bytes], decoder: codecs.IncrementalDecoder | None) -> None:
    if decoder is None:
        shutil.copyfileobj(source, target, CHUNK)
        return
    while chunk := source.read(CHUNK):
        target.write(decoder.decode(chunk).encode())
    target.write(decoder.decode(b"", final=True).encode())
