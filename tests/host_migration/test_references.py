"""The patch of `host_references` fits the migration: model and table say the same."""

import subprocess
from pathlib import Path

import pytest

from tests.host_migration.product import Product
from tests.host_migration.stage import Stage
from tests.support import here

BY_HAND = {
    'DumpRestoreSerializer(self.old).data["backup_name"], "orders, monday"': (
        'DumpRestoreSerializer(self.new).data["backup_name"], "everything, monday"'
    )
}
"""The serializer is of the consolidated model now, so it is tried with a restore of that model."""


def patched(product: Product, out: Path) -> None:
    here.run("host_references", f"--source={product.folder}", f"--patch={out}")
    done = subprocess.run(
        ["git", "apply", "--whitespace=error", str(out)],
        cwd=product.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("host_vendor", ["sqlite"])
def test_after_migration_and_patch_the_product_has_nothing_to_migrate(
    stage: Stage, host_vendor: str, tmp_path: Path
):
    product = stage.product
    stage.forward()
    assert "OK" in product.manage("test").stderr
    patched(product, tmp_path / "references.patch")
    assert "No changes" in product.manage("makemigrations", "--check", "--dry-run").stdout
    assert "no issues" in product.manage("check").stdout
    tests = next(product.folder.rglob("reports/tests.py"))
    text = tests.read_text()
    for old, new in BY_HAND.items():
        assert old in text
        text = text.replace(old, new)
    tests.write_text(text)
    assert "OK" in product.manage("test").stderr
    assert len(product.restores()) == 240
