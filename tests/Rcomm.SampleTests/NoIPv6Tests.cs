using System.Diagnostics;

namespace Rcomm.SampleTests;

/// <summary>An application on a machine without IPv6, i.e. in a network namespace in which IPv6 is off.</summary>
public sealed class NoIPv6Tests
{
    private const string Namespace = "ip link set lo up && echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6 && ! ip -6 address show lo | grep -q inet6";

    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("http://*:8080")]
    [InlineData("http://+:8080")]
    [InlineData("http://[::]:8080")]
    public async Task It_starts_and_answers(string url)
    {
        Assert.SkipUnless(await RunAsync(Namespace) == 0, "No network namespace can be made here (unshare -n needs root), or it has no IPv6 to turn off.");
        string program = SampleProcess.ProgramOf("MinimalApi");

        string script = $"""
            {Namespace}; cd {Path.GetDirectoryName(program)}; {program} --urls '{url}' & server=$!; trap "kill $server" EXIT
            until curl -s http://127.0.0.1:8080/ | grep -q Hello; do kill -0 $server || exit 1; sleep 0.1; done
            """;

        Assert.Equal(0, await RunAsync(script));
    }

    private static async Task<int> RunAsync(string script)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("unshare", ["-n", "bash", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(SampleProcess.WaitTimeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        await Task.WhenAll(output, errors);
        return process.ExitCode;
    }
}
