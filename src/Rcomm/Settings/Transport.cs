namespace Rcomm.Settings;

/// <summary>How connections are read and written.</summary>
internal enum Transport
{
    /// <summary>With direct system calls.</summary>
    Epoll,

    /// <summary>With .NET's sockets.</summary>
    Sockets,
}
