using System.Diagnostics;
using System.Runtime.InteropServices;
using Rcomm.Listening.HostQueues;
using Rcomm.TestSupport.EveryProject;

namespace Rcomm.ProgramTests.OtherPrograms;

/// <summary>Another server as a child process with its own folder; disposing it ends the process and removes the folder.</summary>
internal sealed partial class OtherProgram : IAsyncDisposable
{
    private const int Nobody = 65534;

    private readonly Process _process;

    private OtherProgram(Process process, string folder, int port) => (_process, Folder, Port) = (process, folder, port);

    public int Id => _process.Id;

    public int Port { get; }

    public string Folder { get; }

    /// <summary>Starts a server by its name in bench/other-servers, on a free port of 127.0.0.1, and waits until it listens there.</summary>
    public static Task<OtherProgram> StartAsync(string name) => name switch
    {
        "nginx" => StartAsync(Needs("nginx", "/usr/sbin/nginx"), "printf 'daemon off; pid nginx.pid; error_log error.log; " +
        "events {{}} http {{ access_log off; server {{ listen 127.0.0.1:%s; }} }}' $PORT >nginx.conf; exec {0} -p . -c nginx.conf"),
        "node" => StartAsync(Needs("node", "/usr/bin/node", "/usr/local/bin/node"),
            "exec {0} -e \"require('http').createServer((q, r) => r.end()).listen({{ host: '127.0.0.1', port: $PORT }})\""),
        "python" => StartAsync(Needs("python3", "/usr/bin/python3"), "exec {0} -m http.server --bind 127.0.0.1 $PORT"),
        "postgres" => StartAsync(Needs("PostgreSQL", [.. PostgresPrograms()]),
            "dir=$(dirname {0}); $dir/initdb -D data -A trust --no-sync >/dev/null && exec {0} -D data -p $PORT -h 127.0.0.1 -k $PWD", asNobody: true),
        _ => throw new ArgumentException(name),
    };

    /// <summary>Starts a shell script with <c>$PORT</c> set, in its own folder.</summary>
    /// <param name="program">The value of {0} in the script.</param>
    /// <param name="script">What to run.</param>
    /// <param name="asNobody">Whether to run it as an unprivileged user.</param>
    public static async Task<OtherProgram> StartAsync(string program, string script, bool asNobody = false)
    {
        if (asNobody) Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start a program as another user");
        string folder = Directory.CreateTempSubdirectory("rcomm-other-").FullName;
        int port = FreePort.Next();
        string user = asNobody ? "setpriv --reuid 65534 --regid 65534 --clear-groups " : "";
        if (asNobody) Assert.Equal(0, Chown(folder, Nobody, Nobody));
        var start = new ProcessStartInfo("bash", ["-c", $"exec {user}bash -c \"$1\"", "bash", string.Format(null, script, program)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PORT"] = $"{port}";
        start.Environment["LC_ALL"] = "C.UTF-8";
        Process process = Process.Start(start)!;
        var other = new OtherProgram(process, folder, port);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        while (other.Queue() is null)
        {
            if (process.HasExited) throw new InvalidOperationException($"{program} ended at once: {await errors}");
            await Task.Delay(20, limit.Token);
        }
        return other;
    }

    /// <summary>Its listen queue on TCP; null if it doesn't listen.</summary>
    public HostQueue? Queue()
    {
        using var reader = new HostQueueReader();
        return reader.ReadTcp((ushort)Port) is [var queue, ..] ? queue : null;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Signals.SIGCONT);
            _process.Kill(entireProcessTree: true);
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The first of these paths that exists; if none does, the test is skipped.</summary>
    public static string Needs(string name, params string[] paths)
    {
        string? found = paths.FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is not installed");
        return found!;
    }

    private static IEnumerable<string> PostgresPrograms() =>
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => version + "/bin/postgres") : [];

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, int user, int group);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
