"""The patch of `host_references` fits the migration: model and table say the same."""

from pathlib import Path

import pytest

from tests.host_migration.patching import done_by_hand, patched
from tests.host_migration.stage import Stage


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
    done_by_hand(product)
    assert "OK" in product.manage("test").stderr
    assert len(product.restores()) == 240
