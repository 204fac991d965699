using System.Net;
using System.Text;
using Rcomm.Burst.Engine.Http1;
using Rcomm.Burst.Engine.Http2;
using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Engine.Tls;
using Rcomm.Burst.Engine.WebSockets;

namespace Rcomm.Burst.Engine;

/// <summary>An address to connect from, with its <c>struct sockaddr</c> for port 0.</summary>
internal sealed record Source(IPAddress Address, byte[] Native);

/// <summary>The state shared by all workers of a run: the plan in the kernel's terms, the bytes to send, the clock, and the stop request.</summary>
internal sealed class BurstRun
{
    private readonly Source[] _sources;
    private volatile bool _isStopped;
    private uint _turn;

    public BurstRun(BurstPlan plan)
    {
        Plan = plan;
        (Address, Family) = (NativeForm(plan.Target.EndPoint), FamilyOf(plan.Target.EndPoint));
        _sources = [.. plan.Sources.For(plan).Select(address => new Source(address, NativeForm(new IPEndPoint(address, 0))))];
        TimeoutUs = (long)plan.Timeout.TotalMicroseconds;
        HoldUs = (long)plan.Hold.TotalMicroseconds;
        PingUs = (long)plan.PingInterval.TotalMicroseconds;
        Tls = plan.Target.IsTls ? new TlsClient(plan.Tls, plan.Target.HostName, plan.Http2) : null;
        Request = plan.Http2 ? Http2Request.Opening(plan) : Http1Request(plan);
    }

    public BurstPlan Plan { get; }

    /// <summary>Set before the first connection is opened.</summary>
    public Clock Clock { get; set; }

    /// <summary>The target as <c>struct sockaddr</c>.</summary>
    public byte[] Address { get; }

    public int Family { get; }

    /// <summary>The highest descriptor that a connection may have.</summary>
    public long MaxDescriptor { get; } = FileLimit.MaxDescriptor;

    public bool IsUnix => Plan.Target.EndPoint is not IPEndPoint;

    public long TimeoutUs { get; }

    public long HoldUs { get; }

    public long PingUs { get; }

    /// <summary>Null for a target without TLS.</summary>
    public TlsClient? Tls { get; }

    /// <summary>
    /// Whether the workers read and write directly, without an object for each connection: for HTTP/1.1 without TLS, and if nothing is sent.
    /// </summary>
    public bool IsPlain => Tls is null && (Plan.ConnectOnly || !Plan.Http2 && !Plan.Target.IsWebSocket);

    /// <summary>The first bytes of each connection; a WebSocket creates its own.</summary>
    public byte[] Request { get; }

    public StatusRanges Expected => Plan.Request.Expected;

    public bool AnswerHasNoBody => Plan.Request.Method == "HEAD";

    public int SourceCount => _sources.Length;

    public bool IsStopped => _isStopped;

    public void Stop() => _isStopped = true;

    /// <summary>Returns the next source in rotation; null if the system chooses.</summary>
    public Source? NextSource() => _sources.Length == 0 ? null : _sources[Interlocked.Increment(ref _turn) % (uint)_sources.Length];

    public IExchange NewExchange() => Plan.Target.IsWebSocket ? new WebSocketExchange() : Plan.Http2 ? new Http2Exchange() : new Http1Exchange();

    private static byte[] Http1Request(BurstPlan plan)
    {
        BurstRequest request = plan.Request;
        var head = new StringBuilder($"{request.Method} {plan.Target.Path} HTTP/1.1\r\n");
        foreach (RequestHeader header in request.HeadersFor(plan.Target)) head.Append($"{header.Name}: {header.Value}\r\n");
        head.Append(plan.Hold > TimeSpan.Zero ? "\r\n" : "Connection: close\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. request.Body.Span];
    }

    private static byte[] NativeForm(EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        return address.Buffer[..address.Size].ToArray();
    }

    // The kernel's address families, whose numbers differ from those of AddressFamily.
    private static int FamilyOf(EndPoint endPoint) => NativeForm(endPoint) is [var low, var high, ..] ? low | high << 8 : 0;
}
