
# Makes files with the content on standard input: $1 says whether a file that is there gets the
# lines that it lacks (add) or the whole text (replace), $2 is the mode, the others are the files.
make_file() {
    how=$1
    mode=$2
    shift 2
    cat >"$scratch/content"
    for file in "$@"; do
        cp -- "$scratch/content" "$scratch/new"
        if [ "$how" = add ] && [ -e "$ROOT$file" ]; then
            cp -- "$ROOT$file" "$scratch/new"
            while IFS= read -r text; do
                grep -qxF -e "$text" "$scratch/new" || printf '%s\n' "$text" >>"$scratch/new"
            done <"$scratch/content"
        fi
        if [ -e "$ROOT$file" ] && cmp -s -- "$scratch/new" "$ROOT$file"; then
            say "done already: $file"
        elif [ "$MODE" = verify ]; then
            fail "not done: $file"
        elif [ "$MODE" = try ]; then
            say "would write $file:"
            cat "$scratch/new"
        else
            keep "$file"
            (umask 022 && mkdir -p -- "$(dirname -- "$ROOT$file")")
            cp -- "$scratch/new" "$ROOT$file"
            chmod "$mode" "$ROOT$file"
            say "wrote $file"
        fi
    done
}
