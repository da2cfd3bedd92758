# Sourced by ./demo, ./test and ./check: makes .venv with stock Python (venv and pip) and keeps it current.

# Leaves .venv as it is when neither the pins nor the project's metadata changed since it was last made ready.
ready() {
    extra=${1:-run}
    python=${PYTHON:-python3}
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo "Python 3.11 or newer is needed; $python is $("$python" --version). Set PYTHON to another." >&2
        exit 1
    }
    stamp=.venv/ready-$extra
    if [ -e "$stamp" ] && [ "$stamp" -nt config/constraints.txt ] && [ "$stamp" -nt pyproject.toml ]; then
        return
    fi
    echo "Setting up .venv (once) …" >&2
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    target=.
    [ "$extra" = run ] || target=".[$extra]"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --constraint config/constraints.txt --editable "$target"
    touch "$stamp"
}
