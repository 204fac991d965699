using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Rcomm.SampleTests;

/// <summary>A sample as a child process; disposing it ends it in any state.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private const int SIGCONT = 18;
    private const int SIGSTOP = 19;
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private SampleProcess(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>The path of a sample's program.</summary>
    public static string ProgramOf(string name)
    {
        string configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}",
            StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Root(), "samples", name, "bin", configuration, "net10.0", name);
    }

    /// <summary>Starts a sample on a free port, and waits until it listens.</summary>
    public static async Task<SampleProcess> StartAsync(string name, string scheme, bool withPackage)
    {
        string program = ProgramOf(name);
        List<string> arguments = scheme == "tcp" ? ["0"] : ["--urls", $"{scheme}://127.0.0.1:0"];
        if (!withPackage) arguments.Add("--without");
        var start = new ProcessStartInfo(program,
            arguments) { WorkingDirectory = Path.GetDirectoryName(program), RedirectStandardOutput = true, RedirectStandardError = true };
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();

        using var limit = new CancellationTokenSource(WaitTimeout);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (ListeningPattern().Match(line) is { Success: true } found) return new(process, int.Parse(found.Groups[1].Value));
        throw new InvalidOperationException($"{name} ended before it listened.");
    }

    /// <summary>Stops all its threads; meanwhile, nothing is accepted.</summary>
    public async Task PauseAsync()
    {
        Assert.Equal(0, Kill(_process.Id, SIGSTOP));
        using var limit = new CancellationTokenSource(WaitTimeout);
        while (Directory.GetDirectories($"/proc/{_process.Id}/task").Any(thread => !HasStopped(thread))) await Task.Delay(1, limit.Token);
    }

    public void Resume() => Assert.Equal(0, Kill(_process.Id, SIGCONT));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

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

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "rcomm.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"Now listening on: .*:(\d+)")]
    private static partial Regex ListeningPattern();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
