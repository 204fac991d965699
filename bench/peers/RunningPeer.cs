using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Peers;

/// <summary>A running server; disposing it ends it and its children.</summary>
internal sealed partial class RunningPeer : IAsyncDisposable
{
    private const int SIGTERM = 15;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _output;

    private RunningPeer(Process process, string output, int port) => (_process, _output, Port) = (process, output, port);

    public int Port { get; }

    public string Page => $"http://127.0.0.1:{Port}/page.txt";

    public string EncryptedPage => $"https://127.0.0.1:{Port}/page.txt";

    public string LargeFile => $"http://127.0.0.1:{Port}/large.bin";

    /// <summary>Starts it on a free port; its output goes into a file, as an operator's would.</summary>
    public static RunningPeer Start(Peer peer, int? backlog, Folders folders) =>
        Start(peer, peer.Command, new(FreePort(), backlog, folders.Root, folders.Scratch));

    /// <summary>Starts it with HTTPS.</summary>
    public static RunningPeer StartHttps(Peer peer, int? backlog, Folders folders) =>
        Start(peer, peer.Command, new(FreePort(), backlog, folders.Root, folders.Scratch, Certificate: folders.Certificate));

    /// <summary>Starts it as a proxy for a running server.</summary>
    public static RunningPeer StartProxy(Peer peer, RunningPeer upstream, int? backlog, Folders folders) =>
        // The upstream may be the same program and have files with the same names.
        Start(peer, peer.Proxy!, new(FreePort(), backlog, folders.Root, Directory.CreateDirectory(Path.Combine(folders.Scratch, "proxy")).FullName,
            upstream.Port));

    private static RunningPeer Start(Peer peer, Func<Setup, ProcessStartInfo> how, Setup setup)
    {
        ProcessStartInfo command = how(setup);
        string output = Path.Combine(setup.Scratch, peer.Name + ".out");
        // Only a shell can redirect a child's output to a file.
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", output, command.FileName, .. command.ArgumentList]);
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RCOMM_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        return new(Process.Start(start)!, output, setup.Port);
    }

    /// <summary>Waits until it listens, without a connection, so that the first burst meets a cold process.</summary>
    public async Task ListensAsync()
    {
        string local = string.Create(CultureInfo.InvariantCulture, $"0100007F:{Port:X4} 00000000:0000 0A");
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (!File.ReadAllText("/proc/net/tcp").Contains(local, StringComparison.Ordinal))
        {
            CheckStart(limit.Token);
            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Requests the page until it is answered.</summary>
    public async Task AnswersAsync()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        byte[] request = "GET /page.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray();
        byte[] answer = new byte[12];
        while (true)
        {
            CheckStart(limit.Token);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.ReceiveTimeout = (int)WaitTimeout.TotalMilliseconds;
                socket.Connect(IPAddress.Loopback, Port);
                socket.Send(request);
                if (socket.Receive(answer) > 0 && answer.AsSpan().SequenceEqual("HTTP/1.1 200"u8)) return;
            }
            catch (SocketException)
            {
                Thread.Sleep(TimeSpan.FromMicroseconds(200));
            }
        }
    }

    /// <summary>
    /// The memory of it and its children, in MiB: their own pages, those that they share among each other once, and the resident part of
    /// the files they map, which are the same for all of them (proc_pid_smaps(5)). Not Pss: it gets smaller when other programs map the
    /// same files, as every .NET program does.
    /// </summary>
    /// <exception cref="PeerException">It has ended.</exception>
    public double MemoryMiB()
    {
        try
        {
            List<(double Own, double Files)> processes = [.. ProcessTree().Select(Rollup)];
            return (processes.Sum(process => process.Own) + processes.Max(process => process.Files)) / 1024;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or KeyNotFoundException or UnauthorizedAccessException)
        {
            throw new PeerException($"its memory cannot be read: {e.Message}");
        }
    }

    /// <summary>The CPU time of the process and its children.</summary>
    public TimeSpan ProcessorTime()
    {
        // proc_pid_stat(5): the fields 14 and 15, in ticks of 1/100 s; the state is the third, after the name in parentheses.
        long ticks = 0;
        foreach (int id in ProcessTree())
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        return TimeSpan.FromSeconds(ticks / 100.0);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _ = Kill(_process.Id, SIGTERM);
        try
        {
            await _process.WaitForExitAsync(new CancellationTokenSource(WaitTimeout).Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    /// <exception cref="PeerException">It has ended, so its measurements aren't valid.</exception>
    public void CheckRuns()
    {
        if (_process.HasExited) throw new PeerException(End());
    }

    private string End() => $"it ended with {_process.ExitCode}: {File.ReadLines(_output).LastOrDefault(line => line.Trim() != "")}";

    /// <exception cref="NotStartedException">It has ended, or its time is over.</exception>
    private void CheckStart(CancellationToken limit)
    {
        if (_process.HasExited) throw new NotStartedException(End());
        if (limit.IsCancellationRequested) throw new NotStartedException($"it did not answer within {WaitTimeout.TotalSeconds:0} s");
    }

    private IEnumerable<int> ProcessTree()
    {
        List<(int Id, int Parent)> all = [.. Directory.EnumerateDirectories("/proc").Select(folder => Path.GetFileName(folder))
            .Where(name => name.All(char.IsAsciiDigit)).Select(ParentOf).OfType<(int, int)>()];
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

    private static (double Own, double Files) Rollup(int id)
    {
        Dictionary<string, double> sizes = File.ReadLines($"/proc/{id}/smaps_rollup").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));
        return (sizes["Pss_Anon:"], sizes["Rss:"] - sizes["Anonymous:"]);
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
