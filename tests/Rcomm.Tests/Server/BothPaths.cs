using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Rcomm.Tests.Server;

/// <summary>Two servers of one site, the second without the fast path.</summary>
internal sealed partial class BothPaths : IAsyncDisposable
{
    private BothPaths(InProcessServer on, InProcessServer off) => (On, Off) = (on, off);

    public InProcessServer On { get; }

    public InProcessServer Off { get; }

    public static async Task<BothPaths> ServeAsync(SampleSite site, string options = "")
    {
        // A file that has just changed isn't published.
        foreach (string file in Directory.GetFiles(site.Root, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        return new(await InProcessServer.ServeAsync($"{site.Root} {options}"), await InProcessServer.ServeAsync($"{site.Root} --fast-path off {options}"));
    }

    /// <summary>Requests from both servers: before anything is ready, when it is published, and when it is sent from there.</summary>
    public async Task AssertSameAsync(string request, int times = 4)
    {
        string expected = await AnswerAsync(Off, request);
        for (int i = 0; i < times; i++) Assert.Equal((request, i, expected), (request, i, await AnswerAsync(On, request)));
    }

    /// <summary>The response without its date.</summary>
    public static async Task<string> AnswerAsync(InProcessServer server, string request)
    {
        using Socket client = await server.ConnectAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(request));
        // A client that has closed its sending side still expects its responses.
        client.Shutdown(SocketShutdown.Send);
        return WithoutDate(await RawHttp.ReadToEndAsync(client));
    }

    public static string WithoutDate(string answer) => Date().Replace(answer, "Date: now");

    public async ValueTask DisposeAsync()
    {
        await On.DisposeAsync();
        await Off.DisposeAsync();
    }

    [GeneratedRegex("Date: [^\r]*")]
    private static partial Regex Date();
}
