
# Whether the program that reads file $1 takes it.
accepted() {
    [ -z "$ROOT" ] || return 0
    case $1 in
        /etc/ssh/sshd_config*) set -- sshd -t ;;
        /etc/sudoers*) set -- visudo -cf "$1" ;;
        *) return 0 ;;
    esac
    ! command -v "$1" >/dev/null || "$@"
}

# Changes file $1 by the diff on standard input.
change_file() {
    cat >"$scratch/diff"
    if patch -R -p1 -s -f -F0 --dry-run -d "$ROOT/" <"$scratch/diff" >/dev/null 2>&1; then
        say "done already: $1"
    elif ! patch -N -p1 -s -f -F0 --dry-run -d "$ROOT/" <"$scratch/diff" >/dev/null 2>&1; then
        fail "$1 is not the file that was scanned: scan again"
    elif [ "$MODE" = verify ]; then
        fail "not done: $1"
    elif [ "$MODE" = try ]; then
        say "would change $1:"
        cat "$scratch/diff"
    else
        keep "$1"
        patch -N -p1 -s -f -F0 -r - --no-backup-if-mismatch -d "$ROOT/" <"$scratch/diff"
        if accepted "$1"; then
            say "changed $1"
        else
            cp -p -- "$BACKUP$1" "$ROOT$1"
            fail "$1 was refused by its program and is as it was"
        fi
    fi
}
