#!/usr/bin/env bash
# Bootstrap action: install sparkfeat's Python environment from a wheelhouse on S3, without any other network.
#
#   install_environment.sh --wheelhouse s3://.../wheelhouse-ARCH-HASH.tar --lock-sha256 HASH --code s3://.../code/HASH
#
# Runs on every instance, also on those that scaling adds later, before Spark is installed. The environment lies in
# /opt/sparkfeat/venv (SPARKFEAT_HOME changes the folder above it); the system's Python is only read. Running it
# again with the same wheelhouse and code does nothing.
set -euo pipefail

home="${SPARKFEAT_HOME:-/opt/sparkfeat}"
python="${SPARKFEAT_PYTHON:-/usr/bin/python3.11}"
attempts="${SPARKFEAT_ATTEMPTS:-5}"
pause="${SPARKFEAT_PAUSE:-5}"
wheelhouse="" lock_sha256="" code=""

fail() {
    echo "install_environment: $*" >&2
    exit 1
}

while (($#)); do
    (($# >= 2)) || fail "$1 needs a value"
    case "$1" in
        --wheelhouse) wheelhouse="$2" ;;
        --lock-sha256) lock_sha256="$2" ;;
        --code) code="${2%/}" ;;
        *) fail "unknown argument $1" ;;
    esac
    shift 2
done
[[ -n "$wheelhouse" && -n "$lock_sha256" && -n "$code" ]] || fail "give --wheelhouse, --lock-sha256 and --code"
[[ -x "$python" ]] || fail "there is no $python on this image: choose a newer release of EMR"

# /opt belongs to root, and bootstrap actions run as hadoop, who may use sudo.
make_home() {
    mkdir -p "$home" 2>/dev/null || { sudo mkdir -p "$home" && sudo chown "$(id -u):$(id -g)" "$home"; }
}

# S3 answers SlowDown when hundreds of instances start at once: wait longer each time.
download() {
    local try
    for ((try = 1; try <= attempts; try++)); do
        if aws s3 cp --only-show-errors "$1" "$2"; then return 0; fi
        echo "install_environment: attempt $try of $attempts to copy $1 failed" >&2
        ((try == attempts)) || sleep "$((pause * try))"
    done
    fail "could not copy $1: is the URI right, may the instance profile read it and use the key?"
}

check_imports() {
    "$1" -c 'import duckdb, featuretools, pandas, pyarrow, sparkfeat'
}

make_home
marker="$home/installed"
wanted="$lock_sha256 $code"
if [[ -f "$marker" && "$(<"$marker")" == "$wanted" ]] && check_imports "$home/venv/bin/python"; then
    echo "install_environment: installed already"
    exit 0
fi

work="$(mktemp -d "$home/.install.XXXXXX")"
trap 'rm -rf "$work"' EXIT

download "$wheelhouse" "$work/wheelhouse.tar"
tar -xf "$work/wheelhouse.tar" -C "$work" --no-same-owner
echo "$lock_sha256  $work/requirements.lock" | sha256sum --check --quiet \
    || fail "$wheelhouse holds another lock than was planned: upload it again"

download "$code/SHA256SUMS" "$work/SHA256SUMS"
wheel="$(sed -nE 's/^[0-9a-f]{64}  (sparkfeat-[^/]+\.whl)$/\1/p' "$work/SHA256SUMS")"
[[ -n "$wheel" ]] || fail "$code/SHA256SUMS names no wheel"
download "$code/$wheel" "$work/$wheel"
(cd "$work" && grep -F "  $wheel" SHA256SUMS | sha256sum --check --quiet) || fail "$code/$wheel is damaged"

# Moved into place when it is whole: scripts inside are not used, so that its path may change.
rm -f "$marker"
"$python" -m venv "$work/venv"
pip=("$work/venv/bin/python" -m pip --disable-pip-version-check --no-input install --quiet --no-index --no-deps --no-cache-dir)
"${pip[@]}" --require-hashes --find-links "$work/wheels" --requirement "$work/requirements.lock" \
    || fail "a package could not be installed from the wheelhouse"
"${pip[@]}" "$work/$wheel" || fail "sparkfeat itself could not be installed"
check_imports "$work/venv/bin/python" || fail "the packages were installed and cannot be imported"
rm -rf "$home/venv"
mv "$work/venv" "$home/venv"
echo "$wanted" >"$marker"
echo "install_environment: installed into $home/venv"
