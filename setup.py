"""Puts every addon of this folder into the package odoo.addons, with all of its files."""

import ast
import os
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).resolve().parent
os.chdir(ROOT)
ADDONS = sorted(manifest.parent.name for manifest in Path().glob("*/__manifest__.py"))


def packages(addon):
    """The Python packages of an addon, by the name under which they are imported from a checkout."""
    return [".".join(init.parent.parts) for init in sorted(Path(addon).rglob("__init__.py"))]


setup(
    version=ast.literal_eval(Path("order_policy/__manifest__.py").read_text())["version"],
    package_dir={f"odoo.addons.{addon}": addon for addon in ADDONS},
    packages=[f"odoo.addons.{package}" for addon in ADDONS for package in packages(addon)],
    package_data={f"odoo.addons.{addon}": ["**/*"] for addon in ADDONS},
    exclude_package_data={"": ["*.pyc", "**/__pycache__/*", "pyproject.toml"]},
)
