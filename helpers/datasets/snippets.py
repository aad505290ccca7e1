"""Sentence Polarity: what critics wrote of films, a sentence each."""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from pathlib import Path

from helpers import _arguments
from helpers.datasets import decode, fetch, places, registry
from helpers.datasets.stand_in_sentences import in_place_of
from helpers.datasets.text_set import FOLDS, TextSet, parted

# Three marks of Windows that came into the files as control characters.
_MENDED = {0x91: "‘", 0x96: "–", 0x97: "—"}


def load_snippets(*, fold: int = 0) -> TextSet:
    """Return sentences from reviews of films, half of them of praise, half of blame.

    Sentence Polarity 1.0 by Bo Pang and Lillian Lee, CC BY 4.0, as NLTK publishes it
    (fetched once, 0.5 MB): 5,331 sentences of each kind, in small letters, with spaces
    around their marks. Nobody read them to say which is which: each has the verdict of
    the review that it is from. They are quoted as the critics wrote them, rude ones,
    too.

    There is no official split. In the course, of each class one tenth is to choose by
    and one tenth is the test, by the hash of a sentence's letters
    (`text_set.parted`). No two are the same; those that differ in their marks alone are
    in the same part. What is measured on one tenth is a matter of luck by 1 or 2 in
    100: who compares two ways takes several folds, as papers do, or all ten.

    Where they cannot be had, eighty sentences of the course's own stand in; a printed
    sentence and ``is_fallback`` say so.

    Parameters
    ----------
    fold
        Which tenth is the test, 0 to 9; the next one is to choose by.

    Returns
    -------
    TextSet
        8,530, 1,066 and 1,066 sentences; labels 0 for "negative", 1 for "positive".

    Raises
    ------
    ValueError
        For another fold.

    Examples
    --------
    >>> import contextlib, io
    >>> with contextlib.redirect_stdout(io.StringIO()):  # the sentence, if any
    ...     snippets = load_snippets()
    >>> snippets.class_names, snippets.test_labels.mean()
    (('negative', 'positive'), np.float64(0.5))
    """
    fold = _arguments.whole(fold, "fold", 0, FOLDS - 1)
    entry = registry.entry("snippets")
    try:
        texts = _given(entry) or _fetched(entry)
    except fetch.Missing as missing:
        return in_place_of(entry, missing, fold)
    return TextSet(
        entry.title,
        *parted([_sentences(text) for text in texts], fold),
        entry.classes,
        source=entry.source,
        licence=entry.licence,
        citation=entry.citation,
    )


def is_here(entry: registry.Entry) -> bool:
    """Say whether the sentences can be read without fetching anything."""
    return _given(entry) is not None or any(map(places.found, entry.archives))


def _sentences(text: bytes) -> list[str]:
    """Return the sentences of a file, one a line, with single spaces."""
    # Not splitlines: that would also split at characters within a sentence.
    lines = text.decode("utf-8").translate(_MENDED).split("\n")
    return [" ".join(line.split()) for line in lines if line.strip()]


def _given(entry: registry.Entry) -> list[bytes] | None:
    """Read the files of the classes, where all are on this machine."""
    paths = [places.found(file) for file in entry.files]
    whole = [path for path in paths if path is not None]
    if len(whole) == len(paths):
        with contextlib.suppress(OSError):
            return [path.read_bytes() for path in whole]
    return None


def _fetched(entry: registry.Entry) -> list[bytes]:
    """Read the files of the classes from their archive; nothing is unpacked to disk.

    Raises
    ------
    Missing
        Where it cannot be had.
    """
    (file,) = entry.archives
    path = fetch.file(file, entry.title)
    try:
        with zipfile.ZipFile(path) as archive:
            return [_member(archive, file) for file in entry.files]
    except decode.DAMAGE:
        raise fetch.Missing("its archive is damaged", fetch.LATER) from None


def _member(archive: zipfile.ZipFile, file: registry.File) -> bytes:
    """Read a file of the archive, which must be the one that the registry lists."""
    info = archive.getinfo(f"sentence_polarity/{Path(file.path).name}")
    if info.file_size == file.size:  # never more than that is read
        data = archive.read(info)
        if hashlib.sha256(data).hexdigest() == file.sha256:
            return data
    raise decode.Damaged(f"{info.filename} is another file")
