"""The patch of `host_references`, applied to a product as its developers do."""

import subprocess
from pathlib import Path

from tests.host_migration.product import Product
from tests.support import here

BY_HAND = {
    'DumpRestoreSerializer(self.old).data["backup_name"], "orders, monday"': (
        'DumpRestoreSerializer(self.new).data["backup_name"], "everything, monday"'
    )
}
"""The serializer is of the consolidated model now, so it is tried with a restore of that model."""


def patched(product: Product, out: Path) -> None:
    """Apply the patch unmodified."""
    here.run("host_references", f"--source={product.folder}", f"--patch={out}")
    done = subprocess.run(
        ["git", "apply", "--whitespace=error", str(out)],
        cwd=product.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def done_by_hand(product: Product) -> None:
    """What the list says is to be done by hand for the product's tests to pass."""
    tests = next(product.folder.rglob("reports/tests.py"))
    text = tests.read_text()
    for old, new in BY_HAND.items():
        assert old in text
        text = text.replace(old, new)
    tests.write_text(text)
