using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Rcomm.ProgramTests;

public sealed class FastPathAllocationTests : IDisposable
{
    // The smallest object of 64-bit .NET.
    private const int SmallestObject = 24;
    private const int Batch = 100;
    private const int Batches = 250;
    private const int MaxWindows = 20;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly SampleSite _site = new();

    [Fact]
    public async Task A_request_on_a_connection_that_is_kept_alive_allocates_nothing()
    {
        // The fast path doesn't serve files that have just changed.
        File.SetLastWriteTimeUtc(Path.Combine(_site.Root, "style.css"), DateTime.UtcNow.AddHours(-1));
        await using RcommProcess server = await RcommProcess.ServeAsync($"{_site.Root} --admin 127.0.0.1:0 --access-log off");
        using var http = new HttpClient { BaseAddress = new Uri((await server.ErrorLineAsync("Admin pages at ")).Split(' ')[^1]) };
        using Socket client = await server.ConnectAsync();
        byte[] one = "HEAD /style.css HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), batch = [.. Enumerable.Repeat(one, Batch).SelectMany(request => request)];
        // Kestrel answers the first one; after it, all code has run once.
        int length = await AnswerLengthAsync(client, one);
        for (int i = 0; i < 3; i++) await AskAsync(client, batch, length * Batch);

        // The rest of the process allocates a little meanwhile, more on a busy machine: an object for each request would be in every window.
        List<string> windows = [];
        do
        {
            Assert.True(windows.Count < MaxWindows, string.Join(", ", windows));
            (long allocated, long answered) before = await ReadAsync(http);
            for (int i = 0; i < Batches; i++) await AskAsync(client, batch, length * Batch);
            (long allocated, long answered) after = await ReadAsync(http);
            // What was scraped less than a third of a second ago is given again.
            using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
            for (; after.answered == before.answered; after = await ReadAsync(http)) await Task.Delay(PollInterval, limit.Token);

            (long bytes, long requests) = (after.allocated - before.allocated, after.answered - before.answered);
            // The connection may have stayed with Kestrel, which has it while more and more requests come.
            if (requests > Batch * Batches / 2 && bytes < requests * SmallestObject / 2) return;
            windows.Add($"{bytes} bytes for {requests} requests on the fast path");
        }
        while (true);
    }

    public void Dispose() => _site.Dispose();

    private static async Task<int> AnswerLengthAsync(Socket client, byte[] request)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        await client.SendAsync(request, limit.Token);
        var answer = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            answer.Append(Encoding.ASCII.GetString(buffer, 0, await client.ReceiveAsync(buffer, limit.Token)));
        return answer.Length;
    }

    private static async Task AskAsync(Socket client, byte[] requests, int answerLength)
    {
        using var limit = new CancellationTokenSource(RcommProcess.WaitTimeout);
        await client.SendAsync(requests, limit.Token);
        byte[] buffer = new byte[64 << 10];
        int read;
        for (int left = answerLength; left > 0; left -= read)
        {
            read = await client.ReceiveAsync(buffer, limit.Token);
            Assert.NotEqual(0, read);
        }
    }

    private static async Task<(long Allocated, long Answered)> ReadAsync(HttpClient admin)
    {
        string text = await admin.GetStringAsync("metrics");
        return (ValueOf(text, "dotnet_gc_heap_total_allocated_bytes_total"), ValueOf(text, "rcomm_fast_path_requests_total"));
    }

    private static long ValueOf(string metrics, string name) =>
        long.Parse(metrics.Split('\n').First(line => line.StartsWith(name + "{", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
