
fail() {
    printf 'failed: %s\n' "$*" >&2
    failed=1
}
