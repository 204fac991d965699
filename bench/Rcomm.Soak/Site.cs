using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rcomm.Soak;

/// <summary>A server that is started, taken over and restarted; its listening socket is kept open here, as systemd would.</summary>
internal sealed partial class Site : IDisposable
{
    public const int SIGHUP = 1;
    public const int SIGTERM = 15;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    /// <summary>Argument that writes a line on standard output for each request.</summary>
    public const string AccessLog = "--access-log on";

    public const string LargePage = "large.txt";

    private const int SetDescriptorFlags = 2;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "rcomm");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm-soak");
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private Process? _process;
    private int _starts;

    public Site()
    {
        Directory.CreateDirectory(Root);
        File.WriteAllText(Path.Combine(Root, "page.html"), new string('x', 1024));
        File.WriteAllText(Path.Combine(Root, LargePage), new string('x', 4 << 20));
        RestoreSettings();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        // The child inherits it; by default, .NET sockets aren't inherited.
        _ = Fcntl((int)_listener.Handle, SetDescriptorFlags, 0);
        _process = Launch("");
        WaitForStartAsync().Wait();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    private string Root => Path.Combine(_folder.FullName, "root");

    private string Control => Path.Combine(_folder.FullName, "control");

    private string Log => Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"log.{_starts}"));

    private string Settings => Path.Combine(_folder.FullName, "rcomm.json");

    /// <summary>Stops the server and starts it again, with the same socket.</summary>
    public async Task RestartAsync(string arguments = "", bool outputsAreRead = true)
    {
        await StopAsync();
        _process = Launch(arguments, outputsAreRead: outputsAreRead);
        await WaitForStartAsync(outputsAreRead);
    }

    public async Task StopAsync()
    {
        Signal(SIGTERM);
        await WaitForEndAsync(_process!);
        _process = null;
    }

    /// <summary>Starts a new process that takes over, with other arguments, and waits until the old one has ended.</summary>
    /// <param name="arguments">In addition to those that every process has.</param>
    /// <param name="shell">What the shell does before it becomes the process.</param>
    /// <param name="outputsAreRead">False if standard output and standard error are full and have no reader.</param>
    public async Task TakeOverAsync(string arguments = "", string shell = "true", bool outputsAreRead = true)
    {
        Process old = _process!;
        _process = Launch("--takeover " + arguments, shell, outputsAreRead);
        await WaitForEndAsync(old);
        await WaitForStartAsync(outputsAreRead);
    }

    /// <summary>Starts a new process that takes over, pauses the old one once the new one has its socket, and continues it after a time.</summary>
    public async Task TakeOverFromStoppedAsync(TimeSpan time)
    {
        Process old = _process!;
        _process = Launch("--takeover");
        while (!HoldsSocket(_process.Id))
        {
            if (_process.HasExited) throw new InvalidOperationException("the new server ended: " + ReadLog());
        }
        _ = Kill(old.Id, SIGSTOP);
        await Task.Delay(time);
        if (!ReadLog().Contains("hasn't released its sockets yet", StringComparison.Ordinal))
            throw new InvalidOperationException("the old server was stopped too late");
        _ = Kill(old.Id, SIGCONT);
        await WaitForEndAsync(old);
        await WaitForStartAsync();
    }

    /// <summary>Fails if the server has ended.</summary>
    public void CheckRuns()
    {
        if (_process!.HasExited) throw new InvalidOperationException($"the server ended with {_process.ExitCode}: {ReadLog()}");
    }

    public void Signal(int signal) => _ = Kill(_process!.Id, signal);

    public void WriteSettings(ReadOnlySpan<byte> json) => File.WriteAllBytes(Settings, json);

    public void RestoreSettings() => WriteSettings("{ \"backlog\": 4096 }"u8);

    /// <summary>Restores the settings that every server is started with.</summary>
    public Task RestoreSettingsAsync()
    {
        RestoreSettings();
        return ReloadOnSignalAsync();
    }

    /// <summary>Sends SIGHUP and waits until the server logs the result.</summary>
    public async Task ReloadOnSignalAsync()
    {
        int before = Reloads();
        Signal(SIGHUP);
        await WaitUntilAsync(() => Reloads() > before, "the server did not read its settings again");
    }

    /// <summary>Runs a command of rcomm and returns what it printed.</summary>
    public async Task<string> RunAsync(params string[] arguments)
    {
        string[] control = arguments[0] == "burst" ? [] : ["--control", Control];
        using Process command = Process.Start(new ProcessStartInfo(Program, [.. arguments, .. control]) { RedirectStandardOutput = true })!;
        string output = await command.StandardOutput.ReadToEndAsync();
        await command.WaitForExitAsync();
        return output;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) _process.Kill();
        _process?.Dispose();
        _listener.Dispose();
        _folder.Delete(recursive: true);
    }

    private Process Launch(string arguments, string shell = "true", bool outputsAreRead = true)
    {
        _starts++;
        // A process that takes over gets the socket from the other one, not by inheritance.
        string inherit = arguments.Contains("--takeover", StringComparison.Ordinal)
            ? $"exec {(int)_listener.Handle}<&-"
            : $"exec 3<&{(int)_listener.Handle}; export LISTEN_PID=$$ LISTEN_FDS=1";
        // A FIFO holds 65,536 bytes (pipe(7)).
        string outputs = outputsAreRead ? $"exec >{Log} 2>&1" : $"mkfifo {Log}.1 {Log}.2; exec 1<>{Log}.1 2<>{Log}.2; head -c 65536 /dev/zero >&1; " +
            "head -c 65536 /dev/zero >&2";
        string accessLog = arguments.Contains(AccessLog, StringComparison.Ordinal) ? "" : "--access-log off";
        string command = $"{shell}; {inherit}; {outputs}; exec {Program} serve {Root} --address 127.0.0.1 --port {Port} --config {Settings} " +
            $"--control {Control} {accessLog} {arguments}";
        return Process.Start(new ProcessStartInfo("bash", ["-c", command]))!;
    }

    // If the log can't be read, the control socket is used.
    private Task WaitForStartAsync(bool outputsAreRead = true) => WaitUntilAsync(
        () => outputsAreRead ? ReadLog().Contains(" Serving ", StringComparison.Ordinal) : File.Exists(Control)
            && RunAsync("status").Result.Contains("127.0.0.1", StringComparison.Ordinal),
        "the server did not start");

    private async Task WaitUntilAsync(Func<bool> condition, string otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (_process!.HasExited || watch.Elapsed > WaitTimeout) throw new InvalidOperationException($"{otherwise}: {ReadLog()}");
            await Task.Delay(10);
        }
    }

    private static async Task WaitForEndAsync(Process process)
    {
        await process.WaitForExitAsync(new CancellationTokenSource(WaitTimeout).Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"the server ended with {process.ExitCode}");
        process.Dispose();
    }

    private int Reloads() => ReadLog().Split("Settings reloaded").Length;

    private string ReadLog() => File.Exists(Log) ? File.ReadAllText(Log) : "";

    // False while the process is still the shell, which has its own copy.
    private bool HoldsSocket(int process)
    {
        try
        {
            if (!File.ReadAllText($"/proc/{process}/comm").StartsWith("rcomm", StringComparison.Ordinal)) return false;
            string? socket = new FileInfo($"/proc/self/fd/{(int)_listener.Handle}").LinkTarget;
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == socket);
        }
        catch (IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command, int argument);
}
