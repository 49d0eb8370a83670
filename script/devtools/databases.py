"""The prepared databases: one with demo data to look at, and those that the tests' databases are cloned from.

Each grows in two steps, first what its addons depend on, then these addons, so that
a changed addon costs seconds. What a database was made from is kept as its comment.
The addons that install themselves beside other apps are in those with other apps only.
"""

import contextlib
import os
import re
import shutil
import subprocess

from .odoo import LACKING
from .paths import DATA_DIR, ROOT, addons, fingerprint, manifest, standalone
from .steps import Stop, explain, log_path, need_space, note, step

BAD_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (WARNING|ERROR|CRITICAL) ")
LANGUAGE = "zh_CN"


class Databases:
    def __init__(self, server, odoo, python):
        self.server, self.odoo, self.python = server, odoo, python
        self.demo = self._name("demo")

    def _name(self, kind):
        return f"{kind}_{self.server.key}"

    # PostgreSQL

    def existing(self, prefix):
        names = self.server.sql("SELECT datname FROM pg_database ORDER BY 1")
        return [name for name in names if name.startswith(prefix)]

    def origin(self, name):
        """What a database was made from, if it was made to the end and its files are there."""
        comment = self.server.sql(
            f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{name}'"
        )
        return comment[0] if comment and (DATA_DIR / "filestore" / name).is_dir() else None

    def made_from(self, name, origin):
        self.server.sql(f"COMMENT ON DATABASE \"{name}\" IS '{origin}'")

    def drop(self, name):
        self.server.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(DATA_DIR / "filestore" / name, ignore_errors=True)

    def clone(self, source, name):
        self.drop(name)
        self.server.sql(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        # Odoo writes its files once and never changes them, so both may have the same ones.
        shutil.copytree(
            DATA_DIR / "filestore" / source, DATA_DIR / "filestore" / name, copy_function=os.link, dirs_exist_ok=True
        )

    @contextlib.contextmanager
    def cloned_for_tests(self, prepared):
        """A database of this process alone, dropped when it is no longer needed."""
        name = f"{prepared}_{os.getpid()}"
        try:
            self.clone(prepared, name)
            yield name
        finally:
            for used in self.existing(name):
                self.drop(used)

    def drop_left_behind(self, prepared):
        """Drop the clones of processes that were killed."""
        for name in self.existing(f"{prepared}_"):
            process = re.match(r"\d+", name.removeprefix(f"{prepared}_"))
            if process and not os.path.exists(f"/proc/{process[0]}"):
                self.drop(name)

    # Odoo

    def run_odoo(self, name, *arguments, log, doing):
        """Run Odoo on a database, and return the lines of its log that complain."""
        code, lines = self._run(name, arguments, log)
        if code:
            for line in lines[-15:]:
                note(line)
            raise Stop(f"{doing} failed: {explain(log_path(log)) or f'the whole log is {log_path(log)}.'}")
        return [line for line in lines if BAD_LINE.match(line)]

    def run_own_tests(self, name, modules, tags, log):
        """Run Odoo's own tests of some modules while it updates them, and return its log, whatever fails."""
        arguments = ["--stop-after-init", "-u", ",".join(modules), f"--test-tags={tags}"]
        return self._run(name, arguments, log)[1]

    def _run(self, name, arguments, log):
        """Run Odoo on a database, and return its exit code and the lines of its log."""
        subcommand, arguments = (arguments[:2], arguments[2:]) if arguments[0] == "i18n" else ((), arguments)
        path = log_path(log)
        with open(path, "wb") as output:
            configuration = self.odoo.configuration(name, self.server)
            ended = subprocess.run(
                [self.python, "-m", "odoo", *subcommand, "-c", configuration, "-d", name, *arguments],
                env=self.odoo.environment(**self.server.settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                check=False,
            )
        return ended.returncode, path.read_text(errors="replace").splitlines()

    def install(self, name, modules, demo, update=(), **words):
        arguments = ["--stop-after-init", "--no-http"]
        if modules:
            arguments += ["-i", ",".join(modules)]
        if update:
            arguments += ["-u", ",".join(update)]
        if demo:
            arguments.append("--with-demo")
        return self.run_odoo(name, *arguments, **words)

    def _dependencies(self, own):
        """The modules of Odoo that addons of this checkout build on."""
        return {name for addon in own for name in manifest(addon).get("depends", ["base"])} - set(addons())

    def _hide_lacking_asset(self, name):
        """Take out of the assets a file that Debian's Odoo lists and lacks."""
        if self.odoo.lacks_asset():
            self.server.sql(
                "INSERT INTO ir_asset (name, bundle, directive, path, sequence, active)"
                f" VALUES ('{LACKING}', 'web.assets_backend', 'remove', '{LACKING}', 99, true)",
                name,
            )

    def prepare_base(self, kind, own, demo=False, apps=()):
        """A database with what the addons depend on and the apps beside them, but not with the addons."""
        dependencies = sorted(self._dependencies(own).union(apps))
        name = self._name(f"base_{kind}")
        origin = f"{self.odoo.key} {','.join(dependencies)}"
        if self.origin(name) != origin:
            need_space(1)
            with_demo = " with demo data" if demo else ""
            step(f"Installing {', '.join(dependencies)}{with_demo} into a new database (minutes)")
            self.drop(name)
            words = {"log": name, "doing": f"Installing {', '.join(dependencies)}"}
            for line in self.install(name, dependencies, demo, **words):
                note(line)
            if demo:
                # Users of the demo data may have this language.
                words = {"log": f"{name}_language", "doing": f"Loading the language {LANGUAGE}"}
                self.run_odoo(name, "i18n", "loadlang", "-l", LANGUAGE, **words)
            self._hide_lacking_asset(name)
            self.made_from(name, origin)
        return name, origin

    def prepare_tests(self, kind, apps=()):
        """Bring a database to clone the tests' ones from up to date.

        Without other apps it holds nothing beside the addons that do not need any.

        :return: the names of its base and of the database
        """
        name, own = self._name(kind), addons() if apps else standalone()
        self.drop_left_behind(name)
        base, origin = self.prepare_base(kind, own, apps=apps)
        origin = " ".join([origin, *(f"{addon}={fingerprint(addon)}" for addon in own)])
        if self.origin(name) != origin:
            beside = " beside other apps" if apps else ""
            step(f"Installing {', '.join(own)}{beside} into the database of the tests")
            self.clone(base, name)
            complaints = self.install(name, own, demo=False, log=name, doing=f"Installing {', '.join(own)}")
            _refuse(complaints, "installation")
            self.made_from(name, origin)
        return base, name

    def prepare_pristine_demo(self, strict=False):
        """Bring a database with demo data that nobody enters anything into up to date: others are cloned from it.

        :param strict: make it anew, and stop when the log of that holds a warning
        :return: its name
        """
        name = self._name("pristine_demo")
        self.drop_left_behind(name)
        base, origin = self.prepare_base("demo", addons(), demo=True)
        origin = " ".join([origin, *(f"{addon}={fingerprint(addon)}" for addon in addons())])
        if strict or self.origin(name) != origin:
            step(f"Installing {', '.join(addons())} with demo data")
            self.clone(base, name)
            complaints = self.install(name, addons(), demo=True, log=name, doing="Installing with demo data")
            if strict:
                _refuse(complaints, "installation with demo data")
            for line in complaints:
                note(line)
            self.made_from(name, origin)
        return name

    def prepare_demo(self, fresh, strict):
        """Bring the database with the demo data up to date, without losing what was entered in it."""
        now = {addon: fingerprint(addon) for addon in addons()}
        origin = None if fresh else self.origin(self.demo)
        then = dict(pair.split("=") for pair in origin.split()) if origin else {}
        if now == then:
            return
        if then:
            new = [addon for addon in now if addon not in then]
            changed = [addon for addon in now if addon in then and then[addon] != now[addon]]
            step(f"Updating {', '.join(changed + new)} in the database with demo data")
            words = {"log": self.demo, "doing": "Preparing the database with demo data"}
            complaints = self.install(self.demo, new, demo=True, update=changed, **words)
            if strict:
                _refuse(complaints, "update with demo data")
            for line in complaints:
                note(line)
        else:
            self.clone(self.prepare_pristine_demo(strict), self.demo)
        self.made_from(self.demo, " ".join(f"{addon}={value}" for addon, value in now.items()))

    def demo_users(self):
        """Login, name and kind of the users that the demo data of the addons brings, and of the administrator."""
        modules = ", ".join(f"'{addon}'" for addon in addons())
        rows = self.server.sql(
            "SELECT DISTINCT u.login, p.name, CASE WHEN u.share THEN 'portal' ELSE '' END, d.module <> 'base'"
            " FROM res_users u JOIN res_partner p ON p.id = u.partner_id"
            " JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id"
            f" WHERE u.active AND (d.module IN ({modules}) OR (d.module = 'base' AND d.name = 'user_admin'))"
            " ORDER BY 4, 3, 1",
            self.demo,
        )
        return [row.split("\t")[:3] for row in rows]


def _refuse(complaints, doing):
    if complaints:
        for line in complaints:
            note(line)
        raise Stop(f"the log of the {doing} holds {len(complaints)} warnings or errors, shown above.")
