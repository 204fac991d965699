namespace Rcomm.Settings;

/// <summary>How connections are read and written.</summary>
internal enum Transport
{
    /// <summary>With the kernel's own calls.</summary>
    Epoll,

    /// <summary>With the sockets of .NET.</summary>
    Sockets,
}
