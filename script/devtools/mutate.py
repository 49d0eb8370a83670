"""script/mutate: damage the code a little, many times, and tell which damages no test notices."""

import argparse
import json
import random
from datetime import date

from .damages import every_damage
from .paths import LOCAL, ROOT, bridges, standalone
from .steps import Stop, lock, main, note, step
from .test import APPS, NEED_APPS, TESTED_TWICE, _run_pytest
from .workplace import SETTING_UP, ready

HELP = """\
Damages the code of decisions, facts, evidence, gate and rights, one small damage at a time: a statement is dropped, a
condition turned, an entry taken out of a list, a record rule or an access right opened. After each only the tests
run that go through the damaged place, until one fails. Damages that none notices are printed, and kept with the rate
in benchmarks/mutate.txt: there a test is missing, or code that nobody needs is there.

Damages that change nothing that anybody could notice are listed with the reason in script/devtools/equivalent.txt,
and not tried; the command says which of these entries fit no damage any more.

Which test goes through which line is found out first, in a run of all tests of many minutes, and kept below .local/;
later only of tests that are new or changed, or that go through code that changed. Remove .local/mutate to have all of
it found out anew. Tests in a browser are left out, and those that try every door of every model, which take minutes
for each damage.

By itself the command tries a sample, the same each time."""

RESULT = ROOT / "benchmarks" / "mutate.txt"
EQUIVALENT = ROOT / "script" / "devtools" / "equivalent.txt"
KINDS = ("tests", "tests_apps")
BECAME = ("noticed", "not noticed", "not run", "undecided")
# They go through everything, for minutes: damages that only they would notice count as not noticed. So do texts.
LEFT_OUT = ("test_arguments.py", "test_doors.py", "test_invariant.py", "test_translation.py")


def _arguments():
    parser = argparse.ArgumentParser(
        prog="script/mutate", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=200, metavar="N", help="how many damages are tried (200); 0: all")
    parser.add_argument("--seed", type=int, default=1, help="another number gives another sample (1)")
    parser.add_argument("--file", metavar="PATTERN", help="only damages of files like this, for instance sale_order.py")
    parser.add_argument("--again", action="store_true", help="what was not noticed last time, instead of a sample")
    parser.add_argument("--seconds", type=int, default=300, help="how long the tests of one damage may take (300)")
    parser.add_argument("--minutes", type=int, default=600, help="what is not tried by then is left out (600)")
    parser.add_argument("--known", action="store_true", help="do not find out more first about which test runs what")
    parser.add_argument("--apps", action="store_true", help="also run the tests beside other apps, and of the bridges")
    parser.add_argument("--list", action="store_true", help="print the damages, and do none")
    return parser.parse_args()


def equivalents():
    """What changes nothing: the reason by the key of the damage."""
    reasons, key = {}, None
    for line in EQUIVALENT.read_text().splitlines() if EQUIVALENT.is_file() else ():
        if line.startswith("    ") and key:
            reasons[key] = " ".join(filter(None, (reasons.get(key), line.strip())))
        elif line.strip() and not line.startswith("#"):
            key = line.strip()
    return reasons


def _chosen(arguments):
    """The damages to try."""
    known = {damage.key: damage for damage in every_damage()}
    reasons = equivalents()
    for key in reasons.keys() - known.keys():
        note(f"Fits no damage any more: {key}")
    candidates = [
        damage
        for damage in {damage.key: damage for damage in every_damage(arguments.file)}.values()
        if damage.key not in reasons and (arguments.apps or damage.file.split("/")[0] not in bridges())
    ]
    if arguments.again:
        last = RESULT.read_text()
        return [damage for damage in candidates if f"    {damage.key}\n" in last], len(candidates)
    if 0 < arguments.sample < len(candidates):
        return random.Random(arguments.seed).sample(candidates, arguments.sample), len(candidates)
    return random.Random(arguments.seed).sample(candidates, len(candidates)), len(candidates)


def _tests(kind):
    left_out = [f"--ignore-glob=*/{name}" for name in LEFT_OUT]
    if kind == "tests":
        return [*left_out, f"--ignore-glob={NEED_APPS}", *standalone()]
    return [
        *left_out,
        *(
            str(file.relative_to(ROOT))
            for addon in standalone()
            for pattern in (NEED_APPS, *TESTED_TWICE)
            for file in sorted((ROOT / addon / "tests").glob(pattern))
        ),
        *bridges(),
    ]


class Run:
    """Damages tried by the tests of one kind."""

    def __init__(self, databases, kind):
        self.databases, self.kind = databases, kind
        with lock("setup", SETTING_UP):
            self.base, self.prepared = databases.prepare_tests(kind, APPS if kind == "tests_apps" else ())
        folder = LOCAL / "mutate"
        folder.mkdir(exist_ok=True)
        self.watched, self.results = folder / f"{kind}.json", folder / f"{kind}.results"

    def watch(self):
        """Find out which test goes through which line, as far as that is not known."""
        step("Finding out which test goes through which line (many minutes once)")
        self._pytest(doing="watch")

    def try_all(self, damages, arguments):
        """Try damages.

        :return: what became of each by its key, how many tests are known to go where, and how many there are
        """
        step(f"Trying {len(damages)} damages")
        self.results.unlink(missing_ok=True)
        self._pytest(
            doing="damage",
            keys=[damage.key for damage in damages],
            seconds=arguments.seconds,
            minutes=arguments.minutes,
            results=str(self.results),
            prepared=self.prepared,
        )
        if not self.results.is_file():
            raise Stop("pytest ended before the first damage was tried.")
        return json.loads(self.results.read_text())

    def _pytest(self, **asked):
        plugins = ["-p", "devtools.damaging", "-p", "no:xdist"]
        if asked["doing"] == "damage":
            plugins += ["-o", "addopts=", "-p", "no:terminal", "-s"]  # it says itself what there is to say
        with self.databases.cloned_for_tests(self.prepared) as database:
            _run_pytest(
                self.databases,
                database,
                [*plugins, "--odoo-http", *_tests(self.kind)],
                DEVTOOLS_BASE_DATABASE=self.base,
                DEVTOOLS_DAMAGING=json.dumps({**asked, "watched": str(self.watched)}),
            )


def command():
    arguments = _arguments()
    damages, of = _chosen(arguments)
    if not damages:
        raise Stop("no damage is like what was asked for.")
    if arguments.list:
        print(*damages, sep="\n")
        return 0
    with ready("dev") as databases:
        results, sentences = _try(databases, damages, arguments)
    lines = [_rate(damages, of, results, arguments), *sentences, *_not_noticed(damages, results)]
    if not arguments.file and not arguments.again:
        RESULT.write_text("\n".join(lines) + "\n")
    print(*lines, sep="\n")
    return 0


def _try(databases, damages, arguments):
    """Try damages: first by the tests without other apps, then what is left by those beside them.

    :return: what became of each by its key, and sentences about what that rests on
    """
    results, sentences = {}, []
    for kind in KINDS if arguments.apps else KINDS[:1]:
        run, left = Run(databases, kind), [damage for damage in damages if _lives(results.get(damage.key))]
        if not left:
            continue
        if not arguments.known:
            run.watch()
        found = run.try_all(left, arguments)
        for key, result in found["results"].items():
            if key not in results or result["became"] != "not run":
                results[key] = result
        beside = "beside other apps" if kind == "tests_apps" else "without other apps"
        sentences.append(f"Of {found['tests']} tests {beside} it is known of {found['known']} what they go through.")
    return results, sentences


def _lives(result):
    return not result or result["became"] in BECAME[1:]


def _tried(damages, results):
    return [damage for damage in damages if results.get(damage.key, {}).get("became") in BECAME]


def _rate(damages, of, results, arguments):
    tried = _tried(damages, results)
    noticed, not_noticed, not_run, undecided = (
        sum(results[damage.key]["became"] == one for damage in tried) for one in BECAME
    )
    decided = len(tried) - undecided
    return (
        f"{len(tried)} damages tried of {of} (seed {arguments.seed}), {date.today()}: {noticed} noticed"
        f" ({noticed / max(1, decided):.0%} of {decided}), {not_noticed} not noticed, {not_run} in code that no test"
        f" runs; {undecided} undecided, as not all tests of the place had the time to run."
        f" {len(equivalents())} said to be equivalent were left out."
    )


def _not_noticed(damages, results):
    lines, tried = [], sorted(_tried(damages, results), key=lambda damage: (damage.file, damage.line))
    for became in BECAME[1:]:
        found = [damage for damage in tried if results[damage.key]["became"] == became]
        lines += ["", f"{became.capitalize()}:"] if found else []
        for damage in found:
            result = results[damage.key]
            lines.append(f"    {damage.key}")
            if result["tests"]:
                lines.append(f"        line {damage.line}, {result['ran']} of {result['tests']} tests ran")
    return lines


if __name__ == "__main__":
    main(command)
