"""Wheels hold the whole of every addon, and Odoo installs the addons from the one of all."""

import configparser
import email
import os
import subprocess
import sys
import venv
import zipfile
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

import odoo
from odoo.tools import config

from devtools import paths, wheel

BASE = os.environ.get("DEVTOOLS_BASE_DATABASE")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return wheel.build(sys.executable, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def built_each(tmp_path_factory):
    return wheel.build_each(sys.executable, tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A Python that has the wheel, and what Odoo needs from here, but does not see this checkout."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", built], check=True, env=_environment())
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "packages-of-odoo.pth").write_text(f"{Path(psycopg2.__file__).parents[1]}\n")
    return python


@pytest.fixture
def database():
    """A database with what the addons depend on, but without them."""
    if not BASE:
        pytest.skip("script/test prepares the database for this test")
    # The name begins like that of the tests' database, with which it is dropped at the latest.
    name = f"{config['db_name'][0]}_wheel"
    with closing(_connect("postgres")) as connection:
        _execute(connection, f'CREATE DATABASE "{name}" TEMPLATE "{BASE}"')
    yield name
    with closing(_connect("postgres")) as connection:
        _execute(connection, f'DROP DATABASE "{name}" WITH (FORCE)')


def _environment(**more):
    return {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, **more}


def _connect(database):
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def _execute(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else None


def _metadata(built):
    files = zipfile.ZipFile(built)
    (name,) = (name for name in files.namelist() if name.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(files.read(name))


def test_holds_every_file(built):
    names = zipfile.ZipFile(built).namelist()
    expected = [f"odoo/addons/{file}" for addon in paths.addons() for file in paths.addon_files(addon)]
    assert expected
    assert sorted(name for name in names if name.startswith("odoo/")) == sorted(expected)


def test_leaves_the_namespace_open(built):
    names = zipfile.ZipFile(built).namelist()
    assert not {"odoo/__init__.py", "odoo/addons/__init__.py"} & set(names)


def test_says_what_it_is(built):
    assert built.name.startswith("odoo_addons_order_policy-19.0.")
    assert "Framework :: Odoo :: 19.0" in _metadata(built).get_all("Classifier")
    assert any(name.endswith("/LICENSE") for name in zipfile.ZipFile(built).namelist())


@pytest.mark.parametrize("addon", paths.addons())
def test_each_holds_its_addon(built_each, addon):
    names = zipfile.ZipFile(built_each[addon]).namelist()
    expected = [f"odoo/addons/{file}" for file in paths.addon_files(addon)]
    assert sorted(name for name in names if ".dist-info/" not in name) == sorted(expected)


@pytest.mark.parametrize("addon", paths.addons())
def test_each_says_what_it_is_and_needs(built_each, addon):
    metadata, manifest = _metadata(built_each[addon]), paths.manifest(addon)
    assert (metadata["Name"], metadata["Version"]) == (f"odoo-addon-{addon}", manifest["version"])
    ours = {f"odoo-addon-{name}==19.0.*" for name in manifest["depends"] if name in paths.addons()}
    assert set(metadata.get_all("Requires-Dist")) == {"odoo==19.0.*", *ours}


def test_odoo_installs_it(installed, database, tmp_path):
    (home,) = {str(Path(path).parent) for path in odoo.__path__ if Path(path, "release.py").is_file()}
    options = configparser.RawConfigParser()
    options["options"] = {
        "addons_path": ",".join(path for path in config["addons_path"] if path != str(paths.ROOT)),
        "data_dir": tmp_path / "data",
        **{name: config[name] for name in ("db_host", "db_port", "db_user")},
    }
    configuration = tmp_path / "odoo.conf"
    with open(configuration, "w") as file:
        options.write(file)
    python = [installed, "-P"]
    environment = _environment(PYTHONPATH=home)

    find = "import odoo.addons.{0} as addon; print(addon.__path__[0])"
    for addon in paths.addons():
        found = subprocess.check_output(
            [*python, "-c", find.format(addon)], env=environment, cwd=tmp_path, text=True
        ).strip()
        assert Path(found).is_relative_to(installed.parents[1])

    install = ["-c", configuration, "-d", database, "-i", ",".join(paths.addons()), "--stop-after-init", "--no-http"]
    ended = subprocess.run(
        [*python, "-m", "odoo", *install], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert not ended.returncode, ended.stderr[-3000:]
    assert " ERROR " not in ended.stderr, ended.stderr[-3000:]
    with closing(_connect(database)) as connection:
        states = dict(_execute(connection, "SELECT name, state FROM ir_module_module WHERE state = 'installed'"))
    assert [states.get(addon) for addon in paths.addons()] == ["installed"] * len(paths.addons())
