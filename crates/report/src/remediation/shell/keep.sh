
# Keeps a copy of file $1 once.
keep() {
    if [ -e "$BACKUP$1" ] || [ -e "$BACKUP$1.absent" ]; then
        return 0
    fi
    mkdir -p -- "$(dirname -- "$BACKUP$1")"
    if [ -e "$ROOT$1" ]; then
        cp -p -- "$ROOT$1" "$BACKUP$1"
    else
        : >"$BACKUP$1.absent"
    fi
    printf '%s\n' "$1" >>"$BACKUP/files"
}
