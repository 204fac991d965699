namespace Rcomm.Shared.Linux;

/// <summary>The numbers of address families (include/linux/socket.h).</summary>
internal static class SocketFamily
{
    public const byte Unix = 1;
    public const byte Inet = 2;
    public const byte Inet6 = 10;
    public const byte Netlink = 16;
}
