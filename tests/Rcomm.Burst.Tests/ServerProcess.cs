using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rcomm.Burst.Tests;

/// <summary>A real server as a child process in its own folder; disposing it removes both.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private static readonly string[] ProgramFolders = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];

    private readonly Process _process;

    private ServerProcess(Process process, string folder) => (_process, Folder) = (process, folder);

    public string Folder { get; }

    public static string NewFolder() => Directory.CreateTempSubdirectory("rcomm-burst-").FullName;

    /// <summary>The path of a program; null if it isn't installed.</summary>
    public static string? Find(string program) =>
        ProgramFolders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Starts a program and waits until it accepts connections on this port.</summary>
    public static async Task<ServerProcess> StartAsync(string folder, int port, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        var server = new ServerProcess(Process.Start(start)!, folder);
        using var limit = new CancellationTokenSource(StartTimeout);
        while (!await AcceptsAsync(port, limit.Token))
        {
            if (server._process.HasExited)
                throw new InvalidOperationException($"{program} ended: {await server._process.StandardError.ReadToEndAsync(limit.Token)}");
            await Task.Delay(10, limit.Token);
        }
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancellation)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
