
# Runs a command.
run_command() {
    if [ "$MODE" = verify ]; then
        return 0
    elif [ "$MODE" = try ] || [ -n "$ROOT" ]; then
        say "would run: $*"
    else
        say "running: $*"
        "$@" || fail "$*"
    fi
}
