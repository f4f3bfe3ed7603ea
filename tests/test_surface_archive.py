# Hostile and broken archives: each is refused in words, and nothing of a wheel ever runs or reaches the disk.

import contextlib
import gzip
import io
import json
import os
import struct
import tarfile
import zipfile
import zlib
from random import Random
from textwrap import dedent

import pytest

from drift.errors import UsageError
from drift.surface import archive as limits
from drift.surface import compare_surfaces, read_surface
from tests.surface_wheels import GENAI, NEW, NEXT, OLD, metadata, write_sdist, write_wheel

WHEEL = "acme-1.0.0-py3-none-any.whl"
INFO = "acme-1.0.0.dist-info/METADATA"


def refuse(path, match):
    with pytest.raises(UsageError, match=match) as caught:
        read_surface(path)
    assert caught.value.exit_code == 2
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def packed(tmp_path, *members, compress=zipfile.ZIP_DEFLATED, meta=True):
    """Write a zip of (name or ZipInfo, data)."""
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w", compress) as archive:
        for name, data in members:
            archive.writestr(name, data)
        if meta:
            archive.writestr(INFO, metadata("acme", "1.0.0"))
    return path


def test_a_bomb_is_refused_by_its_ratio(tmp_path):
    refuse(packed(tmp_path, ("acme/__init__.py", b"#" * 10_000_000)), "times its size")


def test_a_hundred_megabytes_of_source_are_refused(tmp_path):
    # Stored, not deflated: the ratio says nothing here.
    refuse(
        packed(tmp_path, ("acme/__init__.py", b"#" * 100_000_000), compress=zipfile.ZIP_STORED), "has 95 MB"
    )


def test_many_files_that_are_small_each_are_refused_together(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_SOURCE", 100_000)
    members = [(f"acme/m{n}.py", os.urandom(20_000).hex()) for n in range(4)]
    refuse(packed(tmp_path, *members), "more source than")


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_MEMBERS", 50)
    refuse(packed(tmp_path, *((f"acme/m{n}.py", "") for n in range(60))), "more than 50 members")


def test_a_size_that_the_archive_lies_about_does_not_help(tmp_path):
    path = packed(tmp_path, ("acme/__init__.py", b"#" * 400_000))
    data = path.read_bytes()
    for size in (struct.pack("<I", 400_000),):
        data = data.replace(size, struct.pack("<I", 1000))
    path.write_bytes(data)
    # zipfile stops at the size that the directory gives, and then finds that the sum does not fit.
    refuse(path, "no sound archive")


@pytest.mark.parametrize(
    "name",
    [
        "../outside.py",
        "acme/../../outside.py",
        "/etc/passwd.py",
        "acme\\..\\outside.py",
        "C:/outside.py",
        "acme/\x1b[31m.py",
        "acme/" + "a/" * 60 + "x.py",
        "acme/" + "a" * 600 + ".py",
    ],
)
def test_a_name_that_leads_out_or_is_absurd_is_refused(tmp_path, name):
    info = zipfile.ZipInfo("x")
    info.filename = name
    refuse(packed(tmp_path, ("acme/__init__.py", ""), (info, "x = 1")), "leads out of it|is too long")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_is_refused(tmp_path):
    refuse(packed(tmp_path, ("acme/__init__.py", "a = 1"), ("acme/__init__.py", "b = 2")), "occurs twice")


def test_an_encrypted_member_is_refused(tmp_path):
    path = packed(tmp_path, ("acme/__init__.py", "a = 1"))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(signature)
        data[start + offset] |= 1
    path.write_bytes(bytes(data))
    refuse(path, "encrypted")


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04" + b"\x00" * 40])
def test_what_is_no_archive_is_refused(tmp_path, data):
    path = tmp_path / WHEEL
    path.write_bytes(data)
    refuse(path, "no sound archive")


def test_a_damaged_member_is_refused(tmp_path):
    path = packed(tmp_path, ("acme/__init__.py", os.urandom(4000)))
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    refuse(path, "no sound archive")


def test_a_wheel_without_metadata_or_with_a_hostile_name_is_refused(tmp_path):
    refuse(packed(tmp_path, ("acme/__init__.py", ""), meta=False), "no metadata")
    hostile = packed(
        tmp_path, ("acme/__init__.py", ""), (INFO, "Name: ::add-mask::x\nVersion: 1\n\n"), meta=False
    )
    refuse(hostile, "no valid name")


def test_a_wheel_without_a_package_is_refused(tmp_path):
    refuse(packed(tmp_path, ("module.py", "x = 1")), "no Python package")


@pytest.mark.parametrize(
    ("source", "match"),
    [
        (b"x = (" * 5000, "cannot be parsed"),
        (b"x = " + b"[" * 100_000 + b"]" * 100_000, "cannot be parsed"),
        (b"x = " + b"-" * 100_000 + b"1", "cannot be parsed|nested too deeply"),
        (b"x = a" + b".a" * 100_000, "cannot be parsed|nested too deeply"),
        (b"x = '\xff\xfe'", "cannot be parsed"),
        (b"# -*- coding: no-such-encoding -*-\n", "cannot be parsed"),
        (b"class Acme(:\n", "cannot be parsed"),
        (b"x = 1\x00", "cannot be parsed"),
    ],
)
def test_source_that_cannot_be_parsed_is_refused_by_the_name_of_its_module(tmp_path, source, match):
    refuse(write_wheel(tmp_path, {**NEW, "_client.py": source}), match)


def test_types_that_nest_without_end_are_cut_and_counted(tmp_path):
    deep = "Optional[" * 90 + "str" + "]" * 90
    files = {**NEW, "types/effort.py": f"from typing import Optional\nEffort = {deep}\n"}
    assert read_surface(write_wheel(tmp_path, files))["unresolved"] == {"nested too deeply": 1}


def test_a_class_that_makes_new_classes_for_ever_ends(tmp_path):
    files = {
        **NEW,
        "types/effort.py": """
            from typing import Generic, Tuple, TypeVar
            from .._models import BaseModel

            T = TypeVar("T")

            class Effort(BaseModel, Generic[T]):
                next: "Effort[Tuple[T, T]]"
            """,
    }
    surface = read_surface(write_wheel(tmp_path, files))
    assert len(surface["definitions"]) < 200
    assert any(text.startswith(("Effort", "nested")) for text in surface["unresolved"])


def test_names_that_import_each_other_in_a_circle_end(tmp_path):
    files = {
        **NEW,
        "types/effort.py": "from .stop_reason import StopReason as Effort\n",
        "types/stop_reason.py": "from .effort import Effort as StopReason\n",
    }
    read_surface(write_wheel(tmp_path, files))


def test_a_resource_that_is_its_own_child_ends(tmp_path):
    files = {
        **NEW,
        "resources/beta.py": NEW["resources/beta.py"].replace(
            "return Files(self._client)\n",
            "return Files(self._client)\n\n            @cached_property\n            def beta(self) -> Beta:\n"
            "                return Beta(self._client)\n",
        ),
    }
    assert len(read_surface(write_wheel(tmp_path, files))["endpoints"]) == 3


def test_nothing_of_a_wheel_runs(tmp_path, monkeypatch):
    trap = tmp_path / "trap"
    monkeypatch.chdir(tmp_path)
    writes = f"open({str(trap)!r}, 'w').write('ran')\n"
    files = {
        **NEW,
        **{name: writes + "\n" + dedent(text) for name, text in NEW.items() if "future" not in text},
        "__init__.py": writes,
        "setup.py": writes,
        "conftest.py": writes,
    }
    path = write_wheel(tmp_path, files)
    before = sorted(tmp_path.iterdir())
    assert read_surface(path)["endpoints"]
    assert not trap.exists()
    assert sorted(tmp_path.iterdir()) == before, "nothing was unpacked either"


# ---------------------------------------------------------------- sdists


def tarball(tmp_path, *members):
    path = tmp_path / "acme-1.0.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data))
    return path


def test_a_tar_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 1_000_000)
    refuse(tarball(tmp_path, ("acme-1.0.0/big.bin", b"\x00" * 3_000_000)), "unpacks to more than")


def test_a_tar_whose_header_is_the_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST_BYTES", 1_000_000)
    info = tarfile.TarInfo("acme-1.0.0/x.py")
    info.pax_headers = {"comment": "a" * 5_000_000}
    path = tmp_path / "acme-1.0.0.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info)
    refuse(path, "unpacks to more than")


@pytest.mark.parametrize("name", ["../acme-1.0.0/x.py", "/x.py"])
def test_a_tar_path_that_leads_out_is_refused(tmp_path, name):
    refuse(tarball(tmp_path, (name, b"x = 1")), "leads out of it")


def test_links_of_a_tar_are_not_followed(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1\n")
    path = write_sdist(tmp_path, NEW)
    with gzip.open(path) as packed_file, tarfile.open(fileobj=packed_file) as archive:
        members = [(member, archive.extractfile(member).read()) for member in archive]
    link = tarfile.TarInfo("acme-1.0.0/src/acme/link.py")
    link.type, link.linkname = tarfile.SYMTYPE, str(secret)
    surface = read_surface(tarball(tmp_path, *members, (link, b"")))
    assert "SECRET" not in str(surface)


@pytest.mark.parametrize(
    "data", [b"", b"no gzip", gzip.compress(b"no tar" * 200), gzip.compress(b"x" * 2000)[:60]]
)
def test_what_is_no_tar_is_refused(tmp_path, data):
    path = tmp_path / "acme-1.0.0.tar.gz"
    path.write_bytes(data)
    refuse(path, "no sound archive|no metadata")


def test_a_file_of_another_kind_or_none_is_refused(tmp_path):
    refuse(tmp_path / "nothing.whl", "there is no file")
    other = tmp_path / "acme.egg"
    other.write_bytes(zlib.compress(b""))
    refuse(other, "neither a wheel nor an sdist")
    folder = tmp_path / "folder.whl"
    folder.mkdir()
    refuse(folder, "there is no file")


# ---------------------------------------------------------------- whatever stands in a module


def torn(text, random):
    """Tear a source: lines that vanish, repeat or change places, and words that become others."""
    lines = text.split("\n")
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(4):
            case 0:
                lines[at] = ""
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2:
                lines[at] = lines[at].replace(": ", " = ").replace("(", "[", 1).replace(")", "]", 1)
            case _:
                words = lines[other].split() or ["x"]
                lines[at] = lines[at].replace(random.choice(lines[at].split() or [" "]), random.choice(words))
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_torn_package_is_read_or_refused_and_nothing_else(tmp_path, seed):
    random = Random(seed)
    read = 0
    for number, manner in enumerate((OLD, NEW, NEXT, GENAI) * 9):
        names = random.sample(sorted(manner), k=3)
        files = {**manner, **{name: torn(dedent(manner[name]), random) for name in names}}
        name = "google-genai" if manner is GENAI else "acme"
        path = write_wheel(tmp_path, files, name=name, version=f"{seed}.{number}.0")
        surface = None
        with contextlib.suppress(UsageError):
            surface = read_surface(path)
        if surface is not None:
            read += 1
            assert compare_surfaces(surface, surface)["findings"] == []
            assert json.dumps(surface)
    assert read > 3
