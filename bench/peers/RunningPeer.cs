using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Peers;

/// <summary>A server that runs; disposing it ends it and everything it started.</summary>
internal sealed partial class RunningPeer : IAsyncDisposable
{
    private const int SIGTERM = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private RunningPeer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public string Page => $"http://127.0.0.1:{Port}/page.txt";

    public string LargeFile => $"http://127.0.0.1:{Port}/large.bin";

    /// <summary>Starts it on a free port; its output goes into a file, as an operator's would.</summary>
    public static RunningPeer Start(Peer peer, int? backlog, Folders folders)
    {
        var setup = new Setup(FreePort(), backlog, folders.Root, folders.Scratch);
        ProcessStartInfo command = peer.Command(setup);
        // A shell alone can give a child a file as its output.
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", Path.Combine(folders.Scratch, peer.Name + ".out"), command.FileName, .. command.ArgumentList]);
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RCOMM_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        return new(Process.Start(start)!, setup.Port);
    }

    /// <summary>Waits until it listens, without a connection, so that the first burst meets a cold process.</summary>
    public async Task ListensAsync()
    {
        string local = string.Create(CultureInfo.InvariantCulture, $"0100007F:{Port:X4} 00000000:0000 0A");
        using var limit = new CancellationTokenSource(Patience);
        while (!File.ReadAllText("/proc/net/tcp").Contains(local, StringComparison.Ordinal)) await Task.Delay(1, limit.Token);
    }

    /// <summary>Asks for the page until it is answered.</summary>
    public async Task AnswersAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        byte[] request = "GET /page.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();
        byte[] answer = new byte[12];
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                await socket.SendAsync(request);
                if (await socket.ReceiveAsync(answer) > 0 && answer.AsSpan().SequenceEqual("HTTP/1.1 200"u8)) return;
            }
            catch (SocketException)
            {
                Thread.Sleep(TimeSpan.FromMicroseconds(200));
            }
        }
    }

    /// <summary>The memory of it and its children, each page shared among processes counted in parts (Pss, proc_pid_smaps(5)), in MiB.</summary>
    public double MemoryMiB() => ProcessTree().Sum(PssKiB) / 1024.0;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, SIGTERM);
        try
        {
            await _process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private IEnumerable<int> ProcessTree()
    {
        List<(int Id, int Parent)> all = [.. Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder)).Where(name => name.All(char.IsAsciiDigit)).Select(ParentOf).OfType<(int, int)>()];
        var tree = new Queue<int>([_process.Id]);
        while (tree.TryDequeue(out int id))
        {
            yield return id;
            foreach ((int child, int parent) in all) if (parent == id) tree.Enqueue(child);
        }
    }

    private static (int, int)? ParentOf(string id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return (int.Parse(id, CultureInfo.InvariantCulture), int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static double PssKiB(int id)
    {
        string line = File.ReadLines($"/proc/{id}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
