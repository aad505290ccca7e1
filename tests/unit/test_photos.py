"""Photos: a folder of one's own, the flowers, and files with every fault."""

import io
import re
import struct
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import ExifTags, Image

from helpers import datasets, images
from helpers.datasets import flowers, photos, places, registry
from helpers.datasets.photo_set import PARTS, near_duplicates, part_of, parted

SIDE = 32


def encoded(picture, kind="PNG", **settings):
    out = io.BytesIO()
    picture.save(out, kind, **settings)
    return out.getvalue()


def noise(seed=0, size=(40, 60), mode="RGB"):
    """A picture (rows, columns) that no other is like."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (5, 6, 3), np.uint8)
    picture = Image.fromarray(blocks).resize(size[::-1], Image.Resampling.BICUBIC)
    return picture.convert(mode)


@pytest.fixture
def pets(tmp_path):
    """A folder with two classes, 40 photos each."""
    for number, name in enumerate(("cats", "dogs")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for k in range(40):
            picture = noise(100 * number + k)
            picture.save(tmp_path / "pets" / name / f"{k}.png")
    return tmp_path / "pets"


@pytest.fixture
def nothing_here(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(places, "own", lambda: iter([tmp_path / "own"]))
    return tmp_path


# -- one photo -------------------------------------------------------------------------


def test_the_middle_of_a_photo_is_cut_out():
    picture = np.zeros((64, 128, 3), np.uint8)
    picture[:, 32:96] = 200  # the middle square
    made = photos.square(images.to_png(picture), 32)
    assert made.shape == (32, 32, 3)
    assert made.dtype == np.uint8
    assert (made == 200).all()


def test_a_small_photo_is_enlarged():
    assert photos.square(encoded(noise(size=(20, 24))), 64).shape == (64, 64, 3)


def turned(picture, mark):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = mark
    return encoded(picture, "JPEG", exif=exif, quality=95)


RIGHT = {
    "gray": lambda: encoded(noise(mode="L")),
    "CMYK": lambda: encoded(noise(mode="CMYK"), "JPEG", quality=95),
    "palette": lambda: encoded(noise(mode="P")),
    "16 bits": lambda: encoded(
        Image.fromarray(np.asarray(noise(mode="L"), np.uint16) * 257)
    ),
    "turned by its mark": lambda: turned(
        noise().transpose(Image.Transpose.ROTATE_90), 6
    ),
    "animated": lambda: encoded(
        noise(), "GIF", save_all=True, append_images=[noise(1)], duration=50
    ),
    "transparent": lambda: encoded(noise(mode="RGBA")),
    "WebP": lambda: encoded(noise(), "WEBP", lossless=True),
    "a BMP named .jpg": lambda: encoded(noise(), "BMP"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_photos_of_every_kind_are_read_rightly(kind):
    made = photos.square(RIGHT[kind](), SIDE).astype(int)
    wanted = photos.square(encoded(noise()), SIDE).astype(int)
    if kind in ("gray", "16 bits"):
        wanted = np.repeat(images.gray(wanted.astype(np.uint8))[..., None], 3, axis=2)
    # Palettes and JPEGs are not exact.
    assert np.abs(made - wanted.astype(int)).mean() < 12, kind


WRONG = {
    "empty": (lambda: b"", "empty"),
    "text": (lambda: b"not a photo at all", ""),
    "cut short": (lambda: encoded(noise(size=(300, 300)))[:2000], "cut short"),
    "tiny": (lambda: encoded(noise(size=(4, 9))), "it has 9 × 4 pixels"),
    "a bomb": (
        lambda: (
            b"BM"
            + struct.pack("<IHHI", 70, 0, 0, 54)
            + struct.pack("<IiiHHIIiiII", 40, 60_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0)
        ),
        "pixels",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_photo_is_named_and_left_out(kind):
    data, said = WRONG[kind]
    files = [("a/1.png", lambda: encoded(noise())), ("a/2.png", data)]
    files.append(("a/3.png", lambda: encoded(noise(3))))
    made, names, left_out = photos.squares(files, 3, SIDE, "some")
    assert names == ["a/1.png", "a/3.png"]
    assert made.shape == (2, SIDE, SIDE, 3)
    np.testing.assert_array_equal(made[1], photos.square(encoded(noise(3)), SIDE))
    [sentence] = left_out
    assert sentence.startswith("a/2.png: ")
    assert said in sentence


def test_a_file_that_cannot_be_read_is_left_out():
    def refuses():
        raise PermissionError("not yours")

    made, names, left_out = photos.squares([("a/1.png", refuses)], 1, SIDE, "some")
    assert (len(made), names, left_out) == (0, [], ["a/1.png: not yours"])


def test_many_come_in_their_order():
    files = [(f"a/{k}.png", lambda k=k: encoded(noise(k))) for k in range(150)]
    made, names, _ = photos.squares(files, 150, 16, "some")
    assert names == [name for name, _ in files]
    for k in (0, 77, 149):
        np.testing.assert_array_equal(made[k], photos.square(encoded(noise(k)), 16))


# -- a folder of one's own -------------------------------------------------------------


def test_a_folder(pets):
    found = datasets.load_folder(pets, side=SIDE)
    assert found.class_names == ("cats", "dogs")
    assert not found.is_fallback
    assert found.left_out == ()
    count = 0
    for part in PARTS:
        pictures, labels = (
            getattr(found, f"{part}_images"),
            getattr(found, f"{part}_labels"),
        )
        names = getattr(found, f"{part}_names")
        assert pictures.shape == (len(names), SIDE, SIDE, 3)
        assert labels.dtype == np.int64
        assert {part_of(name) for name in names} == {part}
        for picture, label, name in zip(pictures, labels, names, strict=True):
            assert name.startswith(found.class_names[label])
            wanted = photos.square((pets / name).read_bytes(), SIDE)
            np.testing.assert_array_equal(picture, wanted)
        count += len(names)
    assert count == 80
    form = r"<pets: \d+ \+ \d+ \+ \d+ photos of 32 × 32, 2 classes>"
    assert re.fullmatch(form, repr(found))


def test_more_photos_move_none_to_another_part(pets):
    before = datasets.load_folder(pets, side=SIDE)
    noise(999).save(pets / "cats" / "another.png")
    after = datasets.load_folder(pets, side=SIDE)
    for part in PARTS:
        assert set(getattr(before, f"{part}_names")) <= set(
            getattr(after, f"{part}_names")
        )


def test_what_is_left_out_of_a_folder_is_said(pets, capsys):
    (pets / "cats" / "broken.jpg").write_bytes(b"\xff\xd8\xff and no more")
    (pets / "cats" / "notes.txt").write_text("not a photo, and not meant to be one")
    (pets / "cats" / ".hidden.png").write_bytes(b"")
    found = datasets.load_folder(str(pets), side=SIDE)
    assert len(found.left_out) == 1
    assert capsys.readouterr().out.startswith("1 file was left out: cats/broken.jpg: ")


def empty(folder):
    return folder


def one_class(folder):
    (folder / "cats").mkdir()
    noise().save(folder / "cats" / "1.png")
    return folder


def few(folder):
    for name in ("cats", "dogs"):
        (folder / name).mkdir()
        for k in range(2):
            noise(k).save(folder / name / f"{k}.png")
    return folder


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda folder: folder / "none", "which is no folder"),
        (empty, "with 0 sub-folders that hold photos"),
        (one_class, "with 1 sub-folders that hold photos"),
        (few, "add some, 20 at least"),
    ],
)
def test_folders_that_will_not_do(made, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        datasets.load_folder(made(tmp_path), side=SIDE)


@pytest.mark.parametrize("side", [15, 513, 32.5, "large"])
def test_sides_that_will_not_do(side, pets):
    with pytest.raises(ValueError, match="side: got"):
        datasets.load_folder(pets, side=side)
    with pytest.raises(ValueError, match="side: got"):
        datasets.load_flowers(side=side)


# -- parts, and photos that are there twice --------------------------------------------


def test_the_parts_are_as_large_as_promised():
    parts = [part_of(f"class/{k}.jpg") for k in range(20_000)]
    shares = [parts.count(part) / len(parts) for part in PARTS]
    np.testing.assert_allclose(shares, [0.7, 0.15, 0.15], atol=0.01)


def test_a_part_may_be_empty():
    found = parted(
        np.zeros((1, 8, 8, 3), np.uint8), np.zeros(1, np.int64), ["a"], ["test"]
    )
    assert found["train_images"].shape == (0, 8, 8, 3)
    assert found["train_names"] == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture,
        lambda picture: picture.point(lambda value: int(0.8 * value + 30)),
        lambda picture: picture.crop((1, 1, 59, 39)).resize((60, 40)),
        lambda picture: Image.open(io.BytesIO(encoded(picture, "JPEG", quality=40))),
    ],
    ids=["same", "brighter", "cut", "JPEG"],
)
def test_near_duplicates_are_found_and_others_are_not(change):
    pictures = [noise(k) for k in range(30)]
    pictures.append(change(pictures[4]))
    made = np.stack(
        [photos.square(encoded(one.convert("RGB")), SIDE) for one in pictures]
    )
    assert near_duplicates(made) == [(4, 30)]


def test_plain_photos_are_no_reason_to_stop():
    made = np.zeros((3, SIDE, SIDE, 3), np.uint8)
    assert near_duplicates(made) == []


# -- the flowers -----------------------------------------------------------------------

FLOWERS = registry.entry("flowers")
# Nine photographers stand behind their addresses.
LICENCE = """\
daisy/0.jpg CC-BY by A. Painter - https://www.flickr.com/photos/a/0/
daisy/1.jpg CC-BY https://www.flickr.com/photos/b/ - by B. Sharp's Shop
"""


def archive_files(each=20):
    yield "flower_photos/LICENSE.txt", ("All are …\n\n" + LICENCE).encode()
    for number, name in enumerate(FLOWERS.classes):
        for k in range(each):
            data = encoded(noise(1000 * number + k), "JPEG", quality=90)
            yield f"flower_photos/{name}/{k}.jpg", data


def as_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)


def as_tar(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


@pytest.fixture
def given(nothing_here, monkeypatch):
    """Put an archive of some files where the real one would be, and let it pass."""

    def put(files, *, small=False):
        whole, little = FLOWERS.archives
        file = little if small else whole
        path = nothing_here / "data" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        (as_zip if small else as_tar)(path, files)
        known = registry.File(file.path, path.stat().st_size, places.sha256(path))
        other = whole if small else little
        archives = (other, known) if small else (known, other)
        changed = registry.Entry(
            **{
                **{k: getattr(FLOWERS, k) for k in FLOWERS.__dataclass_fields__},
                "archives": archives,
                "photos": sum(name.endswith(".jpg") for name, _ in files),
            }
        )
        monkeypatch.setattr(registry, "entry", lambda name: changed)
        monkeypatch.setenv("COURSE_DATA", str(nothing_here / "data"))
        return path

    return put


@pytest.mark.parametrize("small", [False, True])
def test_flowers_from_an_archive(given, small):
    path = given(list(archive_files()), small=small)
    found = datasets.load_flowers(side=SIDE)
    assert not found.is_fallback
    assert found.class_names == FLOWERS.classes
    assert sum(len(getattr(found, f"{part}_labels")) for part in PARTS) == 100
    assert (
        found.credit("daisy/0.jpg") == "A. Painter, https://www.flickr.com/photos/a/0/"
    )
    wanted = "B. Sharp's Shop, https://www.flickr.com/photos/b/"
    assert found.credit("daisy/1.jpg") == wanted
    assert found.credit("daisy/2.jpg") == ""
    path.unlink()  # what was decoded is kept
    again = datasets.load_flowers(side=SIDE)
    np.testing.assert_array_equal(found.train_images, again.train_images)
    assert again.train_images.flags.writeable
    assert again.credits == found.credits


def test_a_larger_side_enlarges_the_small_set(given):
    given(list(archive_files()), small=True)
    assert datasets.load_flowers(side=200).train_images.shape[1:] == (200, 200, 3)


def test_twins_are_left_out_of_the_earlier_part(given):
    files = dict(archive_files())
    parts = {name: part_of(name.split("/", 1)[1]) for name in files if "jpg" in name}
    learned = next(name for name, part in parts.items() if part == "train")
    tested = next(name for name, part in parts.items() if part == "test")
    files[learned] = files[tested]
    given(list(files.items()))
    found = datasets.load_flowers(side=SIDE)
    [said] = found.left_out
    assert said.startswith(learned.split("/", 1)[1])
    assert f"{tested.split('/', 1)[1]} (test)" in said
    assert learned.split("/", 1)[1] not in found.train_names
    assert tested.split("/", 1)[1] in found.test_names


def test_broken_photos_of_an_archive_are_named(given):
    files = [*archive_files(), ("flower_photos/daisy/broken.jpg", b"\xff\xd8\xff")]
    given(files)
    found = datasets.load_flowers(side=SIDE)
    assert [said.split(":")[0] for said in found.left_out] == ["daisy/broken.jpg"]


def test_what_else_is_in_an_archive_is_passed_over(given, nothing_here):
    files = list(archive_files())
    path = given(files)
    with tarfile.open(path, "w:gz") as tar:
        for name, data in [
            *files,
            ("../../outside/daisy/evil.jpg", files[1][1]),
            ("flower_photos/weeds/1.jpg", files[1][1]),
        ]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("flower_photos/daisy/link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    before = {one for one in nothing_here.rglob("*") if "own" not in one.parts}
    entry = registry.entry("flowers")
    names = [name for name, _ in flowers._members(path, entry.classes, {})]
    assert "daisy/link.jpg" not in names
    assert not any(name.startswith("weeds") for name in names)
    assert {one for one in nothing_here.rglob("*") if "own" not in one.parts} == before


@pytest.mark.parametrize("small", [False, True])
def test_a_damaged_archive_is_not_used(given, small, capsys):
    path = given(list(archive_files()), small=small)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    assert datasets.load_flowers(side=SIDE).is_fallback
    assert "in place of flower photos" in capsys.readouterr().out


def test_what_was_kept_and_changed_is_not_used(given, nothing_here):
    path = given(list(archive_files()))
    datasets.load_flowers(side=SIDE)
    [kept] = (nothing_here / "own" / "decoded").glob("*.photos")
    data = bytearray(kept.read_bytes())
    data[-1] ^= 1
    kept.write_bytes(data)
    path.unlink()
    assert datasets.load_flowers(side=SIDE).is_fallback


def test_patches_stand_in(nothing_here, capsys):
    found = datasets.load_flowers(side=SIDE)
    assert found.is_fallback
    assert found.class_names[0] == "patch of astronaut"
    assert capsys.readouterr().out == (
        "Using 300 patches of scikit-image's photographs in place of flower photos "
        "(COURSE_OFFLINE is set): for the real ones, unset it, or set COURSE_DATA to a "
        "folder with flower-photos/ in it.\n"
    )
    for part, count in zip(PARTS, (210, 45, 45), strict=True):
        labels = getattr(found, f"{part}_labels")
        assert np.bincount(labels).tolist() == [count // 5] * 5
    again = datasets.load_flowers(side=SIDE)
    np.testing.assert_array_equal(found.test_images, again.test_images)


def test_the_flowers_as_they_are_here(monkeypatch):
    """All that are counted, if this machine has them; else something stands in."""
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    found = datasets.load_flowers()
    assert found.is_fallback == ("flower photos" in datasets.missing())
    counts = [len(getattr(found, f"{part}_labels")) for part in PARTS]
    assert sum(counts) + len(found.left_out) == (300 if found.is_fallback else 3670)
    assert len(found.left_out) < 20
    assert all("nearly the same" in said for said in found.left_out)
    names = {*found.train_names, *found.validation_names, *found.test_names}
    assert found.is_fallback or names <= set(found.credits)
    for part in PARTS:
        labels = getattr(found, f"{part}_labels")
        assert np.bincount(labels).min() > 0.1 * len(labels)
