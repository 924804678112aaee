//! The error names and numbers that `SystemCallFilter=` takes behind a colon.
//!
//! Source: errno(3) of Linux; systemd 252 takes the same names, numbers up to 4095, and `kill`.

/// All names, separated by blanks.
const NAMES: &str = "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY EBADE EBADF \
    EBADFD EBADMSG EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED ECHILD ECHRNG ECOMM \
    ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDEADLOCK EDESTADDRREQ EDOM EDOTDOT \
    EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN EHOSTUNREACH EHWPOISON EIDRM EILSEQ EINPROGRESS \
    EINTR EINVAL EIO EISCONN EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT \
    EL2NSYNC EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP \
    EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL ENETDOWN ENETRESET \
    ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA ENODEV ENOENT ENOEXEC ENOKEY ENOLCK \
    ENOLINK ENOMEDIUM ENOMEM ENOMSG ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS \
    ENOTBLK ENOTCONN ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY \
    ENOTUNIQ ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE EPROTO \
    EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO ERESTART ERFKILL EROFS \
    ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT ESTALE ESTRPIPE ETIME ETIMEDOUT \
    ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH EUSERS EWOULDBLOCK EXDEV EXFULL";

/// Largest error number that seccomp can return.
const NUMBER_MAX: u32 = 4095;

/// Whether the text names what a denied call gives back.
pub(super) fn is_error(text: &str) -> bool {
    let is_number = || text.parse::<u32>().is_ok_and(|number| number <= NUMBER_MAX);
    text == "kill" || is_number() || (!text.is_empty() && NAMES.split(' ').any(|name| name == text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_kill() {
        assert!(is_error("EPERM") && is_error("ENOSYS") && is_error("kill"));
        assert!(is_error("0") && is_error("4095") && !is_error("4096"));
        assert!(!is_error("") && !is_error("eperm") && !is_error("ENONSENSE") && !is_error("-1"));
    }
}
