
# Gives file $1 the mode $2 and the owner $3, where they are not empty.
permissions() {
    if [ ! -e "$ROOT$1" ]; then
        fail "$1 is not there"
        return 0
    fi
    now=$(stat -c '%a' -- "$ROOT$1")
    mode=$2
    [ -z "$mode" ] || mode=$(printf '%o' "0$2")
    right=1
    [ -z "$mode" ] || [ "$mode" = "$now" ] || right=0
    case $3 in
        '') ;;
        *:*) [ "$(stat -c '%U:%G' -- "$ROOT$1")" = "$3" ] || right=0 ;;
        *) [ "$(stat -c '%U' -- "$ROOT$1")" = "$3" ] || right=0 ;;
    esac
    if [ "$right" = 1 ]; then
        say "done already: $1"
    elif [ "$MODE" = verify ]; then
        fail "not done: $1"
    elif [ "$MODE" = try ]; then
        say "would set mode ${2:-unchanged} and owner ${3:-unchanged} of $1"
    else
        mkdir -p -- "$BACKUP"
        printf '%s %s %s\n' "$now" "$(stat -c '%u:%g' -- "$ROOT$1")" "$1" >>"$BACKUP/permissions"
        [ -z "$3" ] || chown -- "$3" "$ROOT$1"
        [ -z "$2" ] || chmod -- "$2" "$ROOT$1"
        say "set mode ${2:-unchanged} and owner ${3:-unchanged} of $1"
    fi
}
