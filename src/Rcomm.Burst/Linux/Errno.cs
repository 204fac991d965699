namespace Rcomm.Burst.Linux;

/// <summary>The errors of socket(2), bind(2), connect(2), send(2) and recv(2) that a burst tells apart (include/uapi/asm-generic/errno.h).</summary>
internal enum Errno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    EINTR = 4,
    EAGAIN = 11,
    EACCES = 13,
    ENFILE = 23,
    EMFILE = 24,
    EPIPE = 32,
    EADDRNOTAVAIL = 99,
    ENETUNREACH = 101,
    ECONNABORTED = 103,
    ECONNRESET = 104,
    ENOBUFS = 105,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
    EINPROGRESS = 115,
}
