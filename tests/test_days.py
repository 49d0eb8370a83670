"""A day is the day that it is in a company: in UTC it is another one for some hours, and these hours came at night."""

import re

from devtools.paths import ROOT, addons

IN_UTC = re.compile(r"\bDate\.today\(|\bdate\.today\(|\bdatetime\.today\(|\btime\.strftime\(")
AS_TEXT = re.compile(r"strftime\(|\.date\(\)")


def _found(pattern, *files):
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for addon in addons()
        for glob in files
        for path in sorted((ROOT / addon).glob(glob))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_model_asks_for_the_day_in_utc():
    assert _found(IN_UTC, "models/**/*.py", "wizard/**/*.py", "controllers/**/*.py", "report/**/*.py") == []


def test_no_data_makes_a_day_of_a_moment_in_utc():
    assert _found(AS_TEXT, "demo/**/*.xml", "data/**/*.xml") == []
