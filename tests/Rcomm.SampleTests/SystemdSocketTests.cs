using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.SampleTests;

/// <summary>An application that systemd hands a socket to, for IPv6 and IPv4 as <c>ListenStream=8080</c> makes it.</summary>
public sealed partial class SystemdSocketTests
{
    private const int GetDescriptorFlags = 1, SetDescriptorFlags = 2;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("http://*:{0}")]
    [InlineData("http://0.0.0.0:{0}")]
    [InlineData("http://[::]:{0}")]
    [InlineData("http://localhost:{0}")]
    [InlineData("http://127.0.0.1:{0};http://[::1]:{0}")]
    public async Task It_is_served_whatever_the_URL_calls_it(string urls)
    {
        using Socket socket = Listen();
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        (Process process, string _) = await StartAsync(socket, string.Format(urls, port), until: "Application started");
        try
        {
            using var http = new HttpClient();
            Assert.Contains("Hello!", await http.GetStringAsync($"http://127.0.0.1:{port}/"));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_warning_says_where_no_URL_is_at_it()
    {
        using Socket socket = Listen();
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        (Process process, string line) = await StartAsync(socket, "http://127.0.0.1:0", until: "no URL of the application matches this socket");
        process.Kill();

        Assert.Contains($"*:{port}: ", line);
        Assert.Contains($"ASPNETCORE_URLS=http://*:{port}", line);
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        socket.Listen(100);
        return socket;
    }

    // Returns the line.
    private static async Task<(Process, string)> StartAsync(Socket socket, string urls, string until)
    {
        int descriptor = (int)socket.Handle;
        _ = Fcntl(descriptor, SetDescriptorFlags, Fcntl(descriptor, GetDescriptorFlags, 0) & ~1);
        string program = SampleProcess.ProgramOf("MinimalApi");
        var start = new ProcessStartInfo("bash", ["-c",
            $"exec 3<&{descriptor}; export LISTEN_PID=$$ LISTEN_FDS=1 ListenQueue__SystemdSockets=true; exec \"$0\" --urls '{urls}' 2>&1", program])
        {
            WorkingDirectory = Path.GetDirectoryName(program),
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(WaitTimeout);
        List<string> output = [];
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            output.Add(line);
            if (line.Contains(until, StringComparison.Ordinal)) return (process, line);
        }
        throw new InvalidOperationException($"It never said \"{until}\":\n{string.Join('\n', output)}");
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command, int argument);
}
