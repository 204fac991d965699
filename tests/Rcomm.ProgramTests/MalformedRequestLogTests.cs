namespace Rcomm.ProgramTests;

/// <summary>No client can fill the log, or cause a stack trace in it.</summary>
public sealed class MalformedRequestLogTests
{
    [Fact]
    public async Task Whatever_a_client_sends_the_log_has_no_stack_trace_and_no_line_for_each()
    {
        using var site = new SampleSite();
        await using RcommProcess server = await RcommProcess.ServeAsync($"{site.Root} --access-log off");
        int before = Lines(server);
        string[] requests = [.. MalformedRequests.Heads.Concat(MalformedRequests.Chunks).Select(row => (string)row.Data)];

        foreach (string request in requests)
            await server.RawAsync(request + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await server.RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

        Assert.DoesNotContain("   at ", server.Output + server.Errors);
        Assert.DoesNotMatch(@"\b(System|Microsoft|Rcomm|Yarp)\.[A-Z]\w+", server.Output + server.Errors);
        Assert.InRange(Lines(server) - before, 0, requests.Length / 4);
    }

    private static int Lines(RcommProcess server) => server.Output.Split('\n').Length + server.Errors.Split('\n').Length;
}
