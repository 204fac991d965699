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
        WriteSettings("{ \"backlog\": 4096 }");
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        // Inherited by the child, which a .NET socket is not by itself.
        _ = Fcntl((int)_listener.Handle, SetDescriptorFlags, 0);
        Start("");
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    private string Root => Path.Combine(_folder.FullName, "root");

    private string Control => Path.Combine(_folder.FullName, "control");

    private string Settings => Path.Combine(_folder.FullName, "rcomm.json");

    /// <summary>Stops the server and starts it again, with the same socket.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Start("");
    }

    public async Task StopAsync()
    {
        Signal(SIGTERM);
        await _process!.WaitForExitAsync(new CancellationTokenSource(WaitTimeout).Token);
        if (_process.ExitCode != 0) throw new InvalidOperationException($"the server ended with {_process.ExitCode}");
    }

    /// <summary>Has a new process take over, with other arguments, and waits for the old one's end.</summary>
    /// <param name="arguments">Beside those that every process has.</param>
    /// <param name="shell">What the shell does before it becomes the process.</param>
    public async Task TakeOverAsync(string arguments = "", string shell = "true")
    {
        Process old = _process!;
        Start("--takeover " + arguments, shell);
        await old.WaitForExitAsync(new CancellationTokenSource(WaitTimeout).Token);
        if (old.ExitCode != 0) throw new InvalidOperationException($"the old server ended with {old.ExitCode}");
        old.Dispose();
    }

    public void Signal(int signal) => _ = Kill(_process!.Id, signal);

    public void WriteSettings(string json) => File.WriteAllText(Settings, json);

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

    private void Start(string arguments, string shell = "true")
    {
        string log = Path.Combine(_folder.FullName, string.Create(CultureInfo.InvariantCulture, $"log.{++_starts}"));
        // A process that takes over gets the socket from the other one, not by inheritance.
        string inherit = arguments.Contains("--takeover", StringComparison.Ordinal) ? $"exec {(int)_listener.Handle}<&-" : $"exec 3<&{(int)_listener.Handle}; export LISTEN_PID=$$ LISTEN_FDS=1";
        string command = $"{shell}; {inherit}; exec {Program} serve {Root} --address 127.0.0.1 --port {Port} --config {Settings} --control {Control} --access-log off {arguments} >{log} 2>&1";
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", command]))!;
        var patience = Stopwatch.StartNew();
        while (!File.Exists(log) || !File.ReadAllText(log).Contains("Serving ", StringComparison.Ordinal))
        {
            if (_process.HasExited || patience.Elapsed > WaitTimeout) throw new InvalidOperationException($"the server did not start: {(File.Exists(log) ? File.ReadAllText(log) : "")}");
            Thread.Sleep(10);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Fcntl(int descriptor, int command, int argument);
}
