# Sourced by the commands beside this file: finds a Python that Odoo 19 and its
# pinned packages run on, and makes the package `devtools` importable.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P) || exit 1

for PYTHON in python3 python3.13 python3.12 python3.11 /usr/bin/python3 ""; do
    [ -n "$PYTHON" ] || break
    "$PYTHON" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break
done
if [ -z "$PYTHON" ]; then
    echo "Stopped: Python 3.11, 3.12 or 3.13 is needed, and none was found on PATH" \
        "(python3 is $(python3 --version 2>/dev/null || echo missing))." >&2
    exit 1
fi

export PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1
