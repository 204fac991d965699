using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Rcomm.ProgramTests;

/// <summary>The real program as a child process; disposing it ends it in any state.</summary>
internal sealed partial class RcommProcess : IAsyncDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "rcomm");

    private readonly Process _process;
    private readonly Lines _output = new();
    private readonly Lines _errors = new();
    private readonly Lines _all = new();
    private int _ended;

    private RcommProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(_errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>The CPU time of its threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    /// <summary>Starts <c>rcomm</c> with these arguments, and with no RCOMM_ variable but those given as "NAME=value".</summary>
    public static RcommProcess Start(string arguments, params string[] environment) => Start(arguments, Path.GetTempPath(), environment);

    public static RcommProcess Start(string arguments, string workingFolder, string[] environment) =>
        Start(new ProcessStartInfo(Program, arguments), workingFolder, environment);

    private static RcommProcess Start(ProcessStartInfo start, string workingFolder, string[] environment)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = workingFolder;
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RCOMM_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        // No control socket in the usual place, where other tests would find it.
        start.Environment["XDG_RUNTIME_DIR"] = "/nonexistent";
        foreach (string setting in environment)
            start.Environment[setting[..setting.IndexOf('=', StringComparison.Ordinal)]] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return new RcommProcess(Process.Start(start)!);
    }

    /// <summary>Starts a shell script in which <c>"$0"</c> is <c>rcomm</c>, for what only a shell can set, e.g. limits.</summary>
    public static RcommProcess StartScript(string script) => Start(new ProcessStartInfo("bash", ["-c", script, Program]), Path.GetTempPath(), []);

    /// <summary>Starts <c>rcomm</c> from a shell that does something first, e.g. <c>ulimit -n 300</c>, and may redirect its output.</summary>
    public static RcommProcess StartInShell(string first, string arguments) => StartScript($"{first}; exec \"$0\" {arguments}");

    /// <summary>Runs a command of <c>rcomm</c> to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments)
    {
        await using RcommProcess process = Start(arguments);
        int exitCode = await process.ExitCodeAsync();
        return (exitCode, process.Output, process.Errors);
    }

    /// <summary>Starts a server on a free port and waits until it prints its address.</summary>
    public static async Task<RcommProcess> ServeAsync(string arguments, params string[] environment)
    {
        RcommProcess process = Start("serve --port 0 " + arguments, environment);
        await process.ListeningLineAsync();
        return process;
    }

    /// <summary>The first "Listening on" line; if standard output is JSON, it is on standard error.</summary>
    public Task<string> ListeningLineAsync() => _all.FindAsync("Listening on ", this);

    public Task<string> OutputLineAsync(string containing) => _output.FindAsync(containing, this);

    public Task<string> ErrorLineAsync(string containing) => _errors.FindAsync(containing, this);

    /// <summary>The port of the first TCP address that it listens on, once it has printed it. Its two outputs aren't synchronized.</summary>
    public int Port
    {
        get
        {
            Match port = Match.Empty;
            Assert.True(SpinWait.SpinUntil(() => (port = PortPattern().Match(_all.ToString())).Success, WaitTimeout));
            return int.Parse(port.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(new CancellationTokenSource(WaitTimeout).Token);
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    /// <summary>Pauses the program with SIGSTOP, and waits until each of its threads has stopped; until then, one of them may still accept.</summary>
    public async Task PauseAsync()
    {
        Signal(Signals.SIGSTOP);
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (Directory.GetDirectories($"/proc/{_process.Id}/task").Any(thread => !HasStopped(thread))) await Task.Delay(1, limit.Token);
    }

    public void Resume() => Signal(Signals.SIGCONT);

    private void Add(Lines lines, string? line)
    {
        lines.Add(line);
        // The end of one stream isn't the end of both.
        if (line is not null || Interlocked.Increment(ref _ended) == 2) _all.Add(line);
    }

    // proc_pid_stat(5): the state follows the name, which is in parentheses.
    private static bool HasStopped(string thread)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            // It has ended since the folder was read.
            return true;
        }
    }

    /// <summary>Sends bytes on a new connection and reads until the server closes it.</summary>
    public async Task<string> RawAsync(string request)
    {
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(Encoding.Latin1.GetBytes(request));
        return await ReadToEndAsync(socket);
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Port);
        return socket;
    }

    public static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var text = new StringBuilder();
        byte[] buffer = new byte[8192];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, limit.Token)) > 0) text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"Listening on (?:[^ ]*):(\d+) ")]
    private static partial Regex PortPattern();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    private sealed class Lines
    {
        private readonly List<string> _lines = [];
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _ended;

        public void Add(string? line)
        {
            lock (_lines)
            {
                if (line is null) _ended = true;
                else _lines.Add(line);
                _more.TrySetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task<string> FindAsync(string text, RcommProcess process)
        {
            while (true)
            {
                Task more;
                lock (_lines)
                {
                    if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } found) return found;
                    if (_ended) throw new InvalidOperationException($"The program never said \"{text}\". Output:\n{process.Output}\nErrors:\n{process.Errors}");
                    more = _more.Task;
                }
                await more.WaitAsync(WaitTimeout);
            }
        }

        public override string ToString()
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }
}
