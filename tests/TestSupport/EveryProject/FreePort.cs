using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rcomm.TestSupport.EveryProject;

/// <summary>
/// Ports for programs that must be told theirs. The kernel doesn't assign them to anybody else before the program listens: they are outside the range
/// from which it takes the ports of clients and of sockets bound to port 0 (ip_local_port_range in ip(7)).
/// </summary>
internal static class FreePort
{
    private const int First = 10_000;

    private static readonly int s_assigned = AssignedFrom();
    // Test projects run at once and don't know of each other.
    private static int s_last = Random.Shared.Next(s_assigned - First);

    /// <summary>Returns a port on which nobody listens, another one each time.</summary>
    public static int Next()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref s_last) % (s_assigned - First));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    private static int AssignedFrom()
    {
        int first = int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t')[0], CultureInfo.InvariantCulture);
        // A machine with a wider range has no such ports.
        return first > First + 1000 ? first : IPEndPoint.MaxPort;
    }
}
