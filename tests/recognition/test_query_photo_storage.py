"""Where kept photos of queries lie: in a private directory, or in a bucket of their own."""

import stat
from pathlib import Path

from django.core.files.base import ContentFile
from django.test import override_settings

from recognition.query_photo_files import query_photo_storage
from tests.retailvision.subprocesses import run

_ADDRESS = (
    "import django; django.setup()\n"
    "from recognition.query_photo_files import query_photo_storage\n"
    "storage = query_photo_storage()\n"
    "print(type(storage).__name__, storage.bucket_name, storage.location, storage.default_acl)\n"
    "print(storage.url('ab/cd.jpg'))\n"
)


def test_files_are_readable_for_the_sites_account_alone(tmp_path: Path) -> None:
    with override_settings(QUERY_PHOTO_DIR=tmp_path / "photos"):
        storage = query_photo_storage()
        path = Path(storage.path(storage.save("ab/cd.jpg", ContentFile(b"x"))))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_private_bucket_gives_no_plain_addresses(tmp_path: Path) -> None:
    answer = run(
        "-c", _ADDRESS, RETAILVISION_DATA_DIR=str(tmp_path), RETAILVISION_STORAGE="s3",
        RETAILVISION_S3_BUCKET="public", RETAILVISION_S3_PRIVATE_BUCKET="private",
        RETAILVISION_S3_DOMAIN="photos.shop.example", RETAILVISION_S3_REGION="eu-central-1",
        AWS_ACCESS_KEY_ID="id", AWS_SECRET_ACCESS_KEY="secret",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    what, address = answer.stdout.splitlines()
    assert what == "S3Storage private query-photos private"
    assert "photos.shop.example" not in address
    assert "Signature=" in address


def test_without_one_they_stay_on_the_disk(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from recognition.query_photo_files import query_photo_storage\n"
        "print(query_photo_storage().location)\n"
    )
    answer = run(
        "-c", code, RETAILVISION_DATA_DIR=str(tmp_path), RETAILVISION_STORAGE="s3",
        RETAILVISION_S3_BUCKET="public",
    )  # fmt: skip
    assert answer.stdout.strip() == str(tmp_path / "query-photos")
