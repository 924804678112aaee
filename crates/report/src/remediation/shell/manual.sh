
# Says what only a person can do.
by_hand() {
    [ "$MODE" = verify ] || say "by hand: $*"
}
