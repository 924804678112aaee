# Puts copies, modes and owners back; the last change first.
rollback() {
    if [ -e "$BACKUP/permissions" ]; then
        sed '1!G;h;$!d' "$BACKUP/permissions" >"$scratch/permissions"
        while read -r mode owner file; do
            chown -- "$owner" "$ROOT$file"
            chmod -- "$mode" "$ROOT$file"
            say "restored mode and owner of $file"
        done <"$scratch/permissions"
        rm -f -- "$BACKUP/permissions"
    fi
    [ -e "$BACKUP/files" ] || return 0
    while IFS= read -r file; do
        if [ -e "$BACKUP$file.absent" ]; then
            rm -f -- "$ROOT$file" "$BACKUP$file.absent"
        else
            cp -p -- "$BACKUP$file" "$ROOT$file"
            rm -f -- "$BACKUP$file"
        fi
        say "restored $file"
    done <"$BACKUP/files"
    rm -f -- "$BACKUP/files"
    say "commands and upgrades are not taken back: see the actions"
}

if [ "$MODE" = rollback ]; then
    rollback
else
    files
    steps
    if [ "$failed" = 0 ]; then
        reload
        look
    fi
fi
exit "$failed"
