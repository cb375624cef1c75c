"""A product whose source is searched and patched, in either of two layouts.

Its two apps are those of the sample hosts; `product_files` are what else uses their models. In the
plan's layout all apps are in `admin_modules`, in that of the product behind the plan at the top.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HOSTS = HERE.parent / "sample_host"
APPS = {"standard": ("database_management", "system_backups"),
        "origin": ("database_management", "system_backups", "users")}  # fmt: skip
FOLDER = {"standard": "admin_modules", "origin": ""}


@dataclass(frozen=True)
class Product:
    """A product's source in a folder."""

    root: Path
    variant: str

    def path(self, name: str) -> Path:
        """A file of an app: `reports/views.py`."""
        return self.root / FOLDER[self.variant] / name

    def name(self, path: str) -> str:
        """That file as a list names it."""
        return str(self.path(path).relative_to(self.root))

    @property
    def dotted(self) -> str:
        """How the names of the legacy app's modules begin."""
        folder = FOLDER[self.variant]
        return f"{folder}.database_management." if folder else "database_management."

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the product's own `manage.py`."""
        return self.python("manage.py", *words)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the product's folder, with nothing of the service's settings."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "PYTEST"))}
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.root,
            env=clean
            | {"PYTHONPATH": str(self.root), "DJANGO_SETTINGS_MODULE": "product.settings"},
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )

    def replace(self, path: str, changes: Mapping[str, str]) -> None:
        """Change a file by hand."""
        file = self.path(path)
        text = file.read_text()
        for old, new in changes.items():
            assert old in text, old
            text = text.replace(old, new)
        file.write_text(text)


def made(folder: Path, variant: str) -> Product:
    """The product in this folder."""
    product = Product(folder, variant)
    shutil.copytree(HERE / "product_files", folder, dirs_exist_ok=True)
    inside = folder / FOLDER[variant]
    inside.mkdir(exist_ok=True)
    (inside / "__init__.py").write_text("") if FOLDER[variant] else None
    if FOLDER[variant]:
        shutil.move(folder / "reports", inside / "reports")
    for app in APPS[variant]:
        shutil.copytree(HOSTS / variant / app, inside / app, ignore=shutil.ignore_patterns("__p*"))
    for package in folder.rglob("migrations/__init__.py"):
        package.write_text("")
    prefix = f"{FOLDER[variant]}." if FOLDER[variant] else ""
    for file in folder.rglob("*.py"):
        text = file.read_text()
        text = text.replace(f"tests.sample_host.{variant}.", prefix)
        file.write_text(text.replace("admin_modules.", prefix))
    if variant == "origin":
        settings = folder / "product" / "settings.py"
        text = settings.read_text().replace(
            "INSTALLED_APPS = [", 'INSTALLED_APPS = [\n    "users",'
        )
        settings.write_text(text + '\nAUTH_USER_MODEL = "users.User"\n')
    return product


def listed(printed: Mapping[str, Any], file: str) -> dict[tuple[int, str], str]:
    """A file's references: line and symbol → action."""
    return {
        (one["line"], one["symbol"]): one["action"]
        for one in printed["references"]
        if one["file"] == file
    }


def line_of(path: Path, text: str) -> int:
    """The number of the first line with this text."""
    return next(n for n, line in enumerate(path.read_text().splitlines(), 1) if text in line)


def as_json(text: str) -> Any:
    return json.loads(text)
