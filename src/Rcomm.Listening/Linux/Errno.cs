namespace Rcomm.Listening.Linux;

/// <summary>The errors of accept(2) that rcomm tells apart (include/uapi/asm-generic/errno.h; the same numbers on x64 and arm64).</summary>
internal enum Errno
{
    EPERM = 1,
    EINTR = 4,
    EAGAIN = 11,
    ENOMEM = 12,
    ENFILE = 23,
    EMFILE = 24,
    EPROTO = 71,
    ENOPROTOOPT = 92,
    EOPNOTSUPP = 95,
    ENETDOWN = 100,
    ENETUNREACH = 101,
    ECONNABORTED = 103,
    ENOBUFS = 105,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
    ENONET = 64,
}
