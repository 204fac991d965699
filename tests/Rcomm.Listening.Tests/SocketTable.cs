using System.Diagnostics;
using Rcomm.Listening.Addresses;

namespace Rcomm.Listening.Tests;

/// <summary>What <c>ss</c> reports about listening sockets, as an independent reading.</summary>
internal static class SocketTable
{
    /// <summary>The Send-Q column (the backlog) and the Recv-Q column (the depth) of a listening socket.</summary>
    public static (int Depth, int Backlog) Of(ListenAddress address)
    {
        string local = address.IsUnix ? address.UnixPath! : address.ToString();
        string[] row = Run(address.IsUnix ? "-lxH" : "-ltnH")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Single(columns => columns.Contains(local));
        int queue = address.IsUnix ? 2 : 1;
        return (int.Parse(row[queue]), int.Parse(row[queue + 1]));
    }

    private static string Run(string arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ss") || File.Exists("/bin/ss"), "ss (iproute2) is not installed");
        using Process ss = Process.Start(new ProcessStartInfo("ss", arguments) { RedirectStandardOutput = true })!;
        string output = ss.StandardOutput.ReadToEnd();
        ss.WaitForExit();
        return output;
    }
}
