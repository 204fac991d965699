using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Rcomm.Burst.Engine;

/// <summary>
/// Lets the JIT compile the way of a connection before the clock runs: its first 10 ms would otherwise be counted as the server's. A few connections
/// to an abstract Unix socket of this process, which no other process or TCP counter sees.
/// </summary>
internal static class WarmUp
{
    private const int Connections = 64;

    private static ReadOnlySpan<byte> Answer => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8;

    public static void Run()
    {
        // A natively compiled program has nothing to warm up.
        if (!RuntimeFeature.IsDynamicCodeCompiled) return;

        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string name = $"rcomm-burst-{Guid.NewGuid()}";
        listener.Bind(new UnixDomainSocketEndPoint("\0" + name));
        listener.Listen(Connections);
        var answers = new Thread(() => AnswerAll(listener)) { IsBackground = true };
        answers.Start();

        var plan = new BurstPlan { Target = BurstTarget.OfUnix($"unix:@{name}"), Connections = Connections, Timeout = TimeSpan.FromSeconds(2) };
        var context = new RunContext(plan, new Clock(Stopwatch.GetTimestamp()));
        using var round = new Round(context, 1);
        round.Run(_ => { }, plan.Timeout);
        _ = round.Records().Count();
        listener.Dispose();
        answers.Join();
    }

    private static void AnswerAll(Socket listener)
    {
        try
        {
            Span<byte> request = stackalloc byte[1024];
            for (int i = 0; i < Connections; i++)
            {
                using Socket client = listener.Accept();
                if (client.Receive(request) > 0) client.Send(Answer);
            }
        }
        catch (SocketException)
        {
            // The listener was closed, or a client had no more time: warm enough.
        }
    }
}
