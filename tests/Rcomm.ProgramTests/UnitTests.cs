using System.Diagnostics;

namespace Rcomm.ProgramTests;

/// <summary>The systemd units as they are shipped.</summary>
public sealed class UnitTests : IDisposable
{
    private const string Verify = "systemd-analyze", Activate = "systemd-socket-activate";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rcomm");

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "rcomm");

    private static string Deploy { get; } = Path.Combine(Repository(AppContext.BaseDirectory), "deploy");

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_them()
    {
        Need(Verify);
        List<string> units = [];
        foreach (string unit in Directory.GetFiles(Path.Combine(Deploy, "systemd")))
        {
            // The program isn't installed here, but systemd looks for it.
            string text = await File.ReadAllTextAsync(unit);
            units.Add(Path.Combine(_folder.FullName, Path.GetFileName(unit)));
            await File.WriteAllTextAsync(units[^1], text.Replace("/usr/bin/rcomm", Program));
        }

        (int exitCode, string output) = await RunAsync(Verify, ["verify", "--man=no", .. units]);

        Assert.NotEmpty(units);
        Assert.True(exitCode == 0, output);
        // Units of other packages are read as well.
        Assert.DoesNotContain("rcomm", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rcomm.env")]
    [InlineData("export RCOMM_BACKLOG='300'\n")]
    public async Task The_service_starts_with_the_units_environment_and_reloads(string environmentFile)
    {
        Need(Activate);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: /etc, /run and /srv are mounted over, and port 80 is used, " +
            "in namespaces of the test's own");
        string[] unit = await File.ReadAllLinesAsync(Path.Combine(Deploy, "systemd", "rcomm.service"));
        string environment = string.Join(' ', Values(unit, "Environment").SelectMany(value => value.Split(' ')).Select(variable => "-E " + variable));
        string start = Values(unit, "ExecStart").Single().Replace("/usr/bin/rcomm", Program);
        string reload = Values(unit, "ExecReload").Single().Replace("/usr/bin/rcomm", Program);
        string content = environmentFile == "rcomm.env" ? await File.ReadAllTextAsync(Path.Combine(Deploy, "etc", environmentFile)) : environmentFile;
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "rcomm.env"), content);
        string script = $$"""
            set -e
            mount --make-rprivate /
            mount -t tmpfs tmpfs /mnt && mkdir /mnt/upper /mnt/work && mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc
            mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /srv
            mkdir -p /etc/rcomm /run/rcomm /srv/www
            cp "{{Deploy}}/etc/rcomm.json" /etc/rcomm/
            [ ! -s "{{_folder}}/rcomm.env" ] || cp "{{_folder}}/rcomm.env" /etc/rcomm/
            echo "<p>served</p>" >/srv/www/index.html
            ip link set lo up
            {{Activate}} -l 80 --fdname=http {{environment}} {{start}} &
            until exec 4<>/dev/tcp/127.0.0.1/80; do sleep 0.05; done 2>/dev/null
            printf 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&4
            cat <&4
            env $(echo "{{environment}}" | sed 's/-E //g') {{reload}}
            kill $!
            wait $!
            """;

        (int exitCode, string output) = await RunAsync("unshare", ["--mount", "--net", "--pid", "--fork", "--mount-proc", "bash", "-c", script]);

        Assert.True(exitCode == 0, output);
        Assert.Contains("<p>served</p>", output);
        Assert.Contains(environmentFile.Contains("300") ? "Listening on *:80 (backlog: 300)" : "Listening on *:80 (backlog: ", output);
        Assert.Contains("Nothing has changed.", output);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static IEnumerable<string> Values(string[] unit, string name) =>
        unit.Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);

    private static void Need(string program) =>
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, program))),
            $"needs {program}, of Debian's package systemd");

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RCOMM_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token), errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static string Repository(string folder) => File.Exists(Path.Combine(folder, "rcomm.slnx")) ? folder : Repository(Path.GetDirectoryName(folder)!);
}
