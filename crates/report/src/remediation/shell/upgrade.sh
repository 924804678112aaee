
# Brings package $1 to the newest version of its repository; $2 is the first one with the fix.
upgrade() {
    say "package $1: needs ${2:-the newest version} or later"
    [ "$MODE" = apply ] && [ -z "$ROOT" ] || return 0
    if command -v apt-get >/dev/null; then
        apt-get install -y --only-upgrade -- "$1" || fail "$1"
    elif command -v dnf >/dev/null; then
        dnf upgrade -y -- "$1" || fail "$1"
    elif command -v yum >/dev/null; then
        yum update -y -- "$1" || fail "$1"
    elif command -v zypper >/dev/null; then
        zypper --non-interactive update -- "$1" || fail "$1"
    elif command -v apk >/dev/null; then
        apk add --upgrade -- "$1" || fail "$1"
    else
        fail "no package manager is known here for $1"
    fi
}
