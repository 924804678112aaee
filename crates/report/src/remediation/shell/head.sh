#
# Without --apply (or APPLY=1) nothing is changed: each step says what it would do.
#   --apply      change the host; a copy of each changed file is kept below $BACKUP
#   --verify     say for each step whether it is done; ends with 1 when one is not
#   --rollback   put the kept copies, modes and owners back
# ROOT=DIR works on a tree below DIR: then no command is run and no package upgraded.
#
# shellcheck disable=SC2016  # texts of findings are shown as they are
set -eu
umask 077

APPLY=${APPLY:-0}
ROOT=${ROOT:-}
BACKUP=${BACKUP:-$ROOT/var/backups/casemate-remediation}
MODE=try
[ "$APPLY" != 1 ] || MODE=apply
for argument in "$@"; do
    case $argument in
        --apply) MODE=apply ;;
        --verify) MODE=verify ;;
        --rollback) MODE=rollback ;;
        *)
            printf 'usage: %s [--apply | --verify | --rollback]\n' "$0" >&2
            exit 2
            ;;
    esac
done

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failed=0

say() {
    printf '%s\n' "$*"
}
