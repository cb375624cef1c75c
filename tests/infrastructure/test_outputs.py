"""What is never written over, and what may be."""

from pathlib import Path

import pytest
from django.test import override_settings

from infrastructure.documents.signed import CannotWrite
from infrastructure.output_files import (
    Output,
    WouldOverwrite,
    begins_with,
    refuse_overwriting,
)


def output(path: Path, parameter: str = "out", **more: object) -> Output:
    return Output(parameter, path, "list", begins_with(b"["), **more)  # type: ignore[arg-type]


def test_what_is_not_there_may_be_written_and_nothing_is_left_of_the_trial(tmp_path: Path):
    refuse_overwriting([output(tmp_path / "a"), output(tmp_path / "b")])
    assert list(tmp_path.iterdir()) == []


def test_one_file_by_two_paths_is_one_file(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path)
    two = [output(tmp_path / "a", "one"), output(tmp_path / "link" / "a", "other")]
    with pytest.raises(WouldOverwrite, match=r"^other=.*: one names the same file\. Nothing"):
        refuse_overwriting(two)


def test_a_folder_and_a_device_are_no_files(tmp_path: Path):
    for path in (tmp_path, Path("/dev/null")):
        with pytest.raises(WouldOverwrite, match="that is no file"):
            refuse_overwriting([output(path)])


def test_the_host_of_the_settings_is_protected_where_no_other_is_named(tmp_path: Path):
    host = tmp_path / "host.sqlite3"
    for url, source in ((f"sqlite:///{host}", ""), ("", f"sqlite:///{host}")):
        with (
            override_settings(SOURCE_DATABASE_URL=url),
            pytest.raises(WouldOverwrite, match="the host's database, which is only read"),
        ):
            refuse_overwriting([output(host)], source=source)


def test_a_url_that_names_no_host_protects_nothing(tmp_path: Path):
    refuse_overwriting([output(tmp_path / "a")], source="nonsense")
    refuse_overwriting([output(tmp_path / "a")], source="postgres://a:b@127.0.0.1/a")


def test_a_folder_that_is_missing_is_said(tmp_path: Path):
    with pytest.raises(CannotWrite, match="No such file or directory"):
        refuse_overwriting([output(tmp_path / "nowhere" / "a")])
