//! The names of the errors of sockets, and libuv's numbers for them.

/// How Node names an error of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errno {
    /// Node's `code`, e.g. `ECONNREFUSED`.
    pub(super) name: &'static str,
    /// Node's `errno`: minus the system's number on Unix, libuv's own on Windows.
    pub(super) number: i32,
}

/// Node's name for an error number of the system; `None` for one that sockets do not give.
pub(super) fn errno(raw: i32) -> Option<Errno> {
    let (_, name, number) = TABLE.iter().find(|(known, _, _)| *known == raw)?;
    Some(Errno {
        name,
        number: *number,
    })
}

#[cfg(unix)]
macro_rules! table {
    ($($name:ident)*) => { &[$((libc::$name, stringify!($name), -libc::$name)),*] };
}

/// The system's number, the name, and libuv's number.
#[cfg(unix)]
const TABLE: &[(i32, &str, i32)] = table! {
    EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF ECONNABORTED ECONNREFUSED
    ECONNRESET EDESTADDRREQ EHOSTDOWN EHOSTUNREACH EINPROGRESS EINTR EINVAL EIO EISCONN EMFILE
    EMSGSIZE ENETDOWN ENETUNREACH ENFILE ENOBUFS ENOENT ENOMEM ENOPROTOOPT ENOTCONN ENOTSOCK
    EOPNOTSUPP EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ESHUTDOWN ETIMEDOUT
};

/// The system's number (WinSock), the name, and libuv's number.
#[cfg(windows)]
const TABLE: &[(i32, &str, i32)] = &[
    (10004, "EINTR", -4083),
    (10013, "EACCES", -4092),
    (10022, "EINVAL", -4071),
    (10024, "EMFILE", -4066),
    (10035, "EAGAIN", -4088),
    (10038, "ENOTSOCK", -4050),
    (10047, "EAFNOSUPPORT", -4089),
    (10048, "EADDRINUSE", -4091),
    (10049, "EADDRNOTAVAIL", -4090),
    (10050, "ENETDOWN", -4056),
    (10051, "ENETUNREACH", -4062),
    (10052, "ECONNRESET", -4077),
    (10053, "ECONNABORTED", -4079),
    (10054, "ECONNRESET", -4077),
    (10055, "ENOBUFS", -4060),
    (10057, "ENOTCONN", -4053),
    (10058, "EPIPE", -4047),
    (10060, "ETIMEDOUT", -4039),
    (10061, "ECONNREFUSED", -4078),
    (10065, "EHOSTUNREACH", -4073),
];

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_system() {
        let refused = Errno {
            name: "ECONNREFUSED",
            number: -libc::ECONNREFUSED,
        };
        assert_eq!(errno(libc::ECONNREFUSED), Some(refused));
        assert_eq!(errno(-1), None);
    }
}
