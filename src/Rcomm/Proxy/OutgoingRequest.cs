using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Rcomm.Proxy.Http1;
using Rcomm.Shared.Linux;

namespace Rcomm.Proxy;

/// <summary>A request in the form in which it is forwarded (RFC 9110, section 7.6).</summary>
internal sealed class OutgoingRequest
{
    private const string Grpc = "application/grpc";

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("!$%&'()*+,-.0123456789:;=ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~");

    private readonly HttpContext _context;
    private readonly ForwardingOptions _options;
    private string? _maxForwards;

    private OutgoingRequest(HttpContext context, ForwardingOptions options, string method, string target, string host)
    {
        _context = context;
        _options = options;
        Target = target;
        Host = host;
        Method = method;
    }

    /// <summary>The path and the query as received, or <c>*</c>.</summary>
    public string Target { get; }

    /// <summary>The host that the client named; empty if it named none.</summary>
    public string Host { get; }

    public string Method { get; }

    public bool IsHead => HttpMethods.IsHead(Method);

    /// <summary>Whether it may be repeated even if the upstream has already acted on it (RFC 9110, section 9.2.2).</summary>
    public bool IsIdempotent => Method is "GET" or "HEAD" or "OPTIONS" or "TRACE" or "PUT" or "DELETE";

    public bool HasBody { get; private init; }

    /// <summary>Whether it is a gRPC call, in which messages may be sent in both directions at any time.</summary>
    public bool IsGrpc => _context.Request.ContentType is { } type && type.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
        && (type.Length == Grpc.Length || type[Grpc.Length] is '+' or ';' or ' ');

    /// <summary>Whether the client accepts trailers (RFC 9110, section 10.1.4).</summary>
    public bool AcceptsTrailers => FieldRules.HasToken(_context.Request.Headers.TE.ToString(), "trailers");

    /// <summary>The protocol to upgrade to; null for none.</summary>
    public string? Upgrade { get; private init; }

    /// <summary>Kestrel's feature for a WebSocket over HTTP/2; null for any other request.</summary>
    public IHttpExtendedConnectFeature? ExtendedConnect { get; private init; }

    /// <summary>Creates the request to forward; returns null if its host or its target can't be forwarded.</summary>
    public static OutgoingRequest? Of(HttpContext context, ForwardingOptions options)
    {
        StringValues hosts = context.Request.Headers.Host;
        string host = hosts.Count == 0 ? "" : hosts.ToString();
        if (hosts.Count > 1 || host.AsSpan().ContainsAnyExcept(HostCharacters)) return null;
        string method = context.Request.Method;
        if (ForwardedTarget.Of(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, method) is not { } target) return null;

        var extended = HttpMethods.IsConnect(method) ? context.Features.Get<IHttpExtendedConnectFeature>() : null;
        bool isWebSocket = extended is { IsExtendedConnect: true, Protocol: "websocket" };
        return new(context, options, isWebSocket ? HttpMethods.Get : method, target, host)
        {
            HasBody = !isWebSocket && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true },
            Upgrade = isWebSocket ? "websocket" : UpgradeOf(context),
            ExtendedConnect = isWebSocket ? extended : null,
        };
    }

    /// <summary>Sets Max-Forwards to a lower number.</summary>
    public void SetMaxForwards(int hops) => _maxForwards = hops.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes the request line and the fields.</summary>
    /// <param name="bodyLength">The length of the body; -1 for chunked coding.</param>
    public void WriteHead(IBufferWriter<byte> output, UpstreamAddress upstream, long bodyLength)
    {
        var head = new HeadWriter(output);
        head.Write(Method);
        head.Write(" "u8);
        if (upstream.BasePath != "" && Target != "*") head.Write(upstream.BasePath);
        head.Write(Target);
        head.Write(" HTTP/1.1\r\n"u8);
        head.WriteField("Host", Host == "" ? upstream.Authority : Host);
        WriteFields(ref head);
        if (Upgrade is not null) WriteUpgrade(ref head, Upgrade);
        if (HasBody && bodyLength < 0) head.Write("Transfer-Encoding: chunked\r\n"u8);
        else if (HasBody) head.WriteField("Content-Length", bodyLength.ToString(CultureInfo.InvariantCulture));
        head.End();
    }

    /// <summary>Writes the fields used in every version of HTTP: the client's and the proxy's own.</summary>
    public void WriteFields<TWriter>(ref TWriter head)
        where TWriter : struct, IFieldWriter, allows ref struct
    {
        IHeaderDictionary headers = _context.Request.Headers;
        string? connection = headers.Connection.Count == 0 ? null : headers.Connection.ToString();
        // The fields that Connection names are for this connection only. Nearly every request names none.
        if (connection is not null && (FieldRules.Is(connection, "keep-alive") || FieldRules.Is(connection, "close"))) connection = null;
        foreach ((string name, StringValues values) in headers)
        {
            if (IsWrittenOtherwise(name) || FieldRules.IsHopByHop(name) || (connection is not null && FieldRules.HasToken(connection, name))) continue;
            if (values.Count == 1) head.WriteField(name, values.ToString());
            // HTTP/2 splits it (RFC 9113, section 8.2.3).
            else if (FieldRules.Is(name, "Cookie")) head.WriteField(name, string.Join("; ", values.ToArray()));
            else foreach (string? value in values) head.WriteField(name, value ?? "");
        }
        if (_context.Connection.RemoteIpAddress is { } client)
            head.WriteField("X-Forwarded-For", MappedAddress.Unmap(client).ToString());
        head.WriteField("X-Forwarded-Proto", _context.Request.Scheme);
        if (Host != "") head.WriteField("X-Forwarded-Host", Host);
        if (_options.Via != "") head.WriteField("Via", Via());
        if (_maxForwards is not null) head.WriteField("Max-Forwards", _maxForwards);
    }

    private bool IsWrittenOtherwise(string name) => name.Length switch
    {
        3 => FieldRules.Is(name, "Via") && _options.Via != "",
        4 => FieldRules.Is(name, "Host"),
        6 => FieldRules.Is(name, "Expect"),
        7 => FieldRules.Is(name, "Trailer"),
        9 => FieldRules.Is(name, "Forwarded"),
        12 => _maxForwards is not null && FieldRules.Is(name, "Max-Forwards"),
        14 => HasBody && FieldRules.Is(name, "Content-Length"),
        15 => FieldRules.Is(name, "X-Forwarded-For"),
        16 => FieldRules.Is(name, "X-Forwarded-Host"),
        17 => FieldRules.Is(name, "X-Forwarded-Proto"),
        18 => FieldRules.Is(name, "X-Forwarded-Prefix"),
        _ => false,
    };

    private void WriteUpgrade(ref HeadWriter head, string protocol)
    {
        head.Write("Connection: Upgrade\r\n"u8);
        head.WriteField("Upgrade", protocol);
        // Over HTTP/2 there is no key (RFC 8441, section 5).
        if (ExtendedConnect is not null) head.WriteField("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
    }

    private string Via()
    {
        string protocol = _context.Request.Protocol;
        string version = protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? protocol[5..] : protocol;
        StringValues before = _context.Request.Headers.Via;
        return before.Count > 0 ? $"{before}, {version} {_options.Via}" : $"{version} {_options.Via}";
    }

    // After an upgrade to HTTP/2, the proxy and its rules could no longer see the requests.
    private static string? UpgradeOf(HttpContext context)
    {
        if (context.Request.Headers.Upgrade is not { Count: > 0 } upgrade) return null;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true }) return null;
        string protocol = upgrade.ToString();
        return protocol.Contains("h2c", StringComparison.OrdinalIgnoreCase) ? null : protocol;
    }
}
