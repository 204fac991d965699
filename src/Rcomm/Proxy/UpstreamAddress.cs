using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Rcomm.Proxy;

/// <summary>The address of an upstream: a URL or a Unix socket.</summary>
internal sealed record UpstreamAddress
{

    private readonly string _text;

    private UpstreamAddress(string text) => _text = text;

    public bool IsTls { get; private init; }

    /// <summary>The path of its Unix socket, with a leading <c>@</c> for an abstract one; null for TCP.</summary>
    public string? UnixPath { get; private init; }

    /// <summary>A name or an IP address, without brackets; empty for a Unix socket.</summary>
    public string Host { get; private init; } = "";

    public int Port { get; private init; }

    /// <summary>The prefix of requests' paths: empty, or a path without a trailing slash.</summary>
    public string BasePath { get; private init; } = "";

    /// <summary>The Host field for requests without one.</summary>
    public string Authority { get; private init; } = "localhost";

    /// <summary>
    /// Parses <c>http://127.0.0.1:3000</c>, <c>127.0.0.1:3000</c>, <c>:3000</c>, <c>https://app.example.com/base</c> or <c>unix:/run/app.sock</c>.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UpstreamAddress? address)
    {
        address = Shared.Linux.UnixPath.In(text) is { } path ? OfSocket(path) : OfUrl(text);
        return address is not null;
    }

    public override string ToString() => _text;

    private static UpstreamAddress? OfSocket(string path) =>
        path is ['/' or '@', _, ..] && path.Length <= Shared.Linux.UnixPath.MaxLength ? new(Shared.Linux.UnixPath.ToAddress(path)) { UnixPath = path } : null;

    private static UpstreamAddress? OfUrl(string text)
    {
        string url = text.Contains("://", StringComparison.Ordinal) ? text
            : HasPort(text) ? "http://" + (text.StartsWith(':') ? "127.0.0.1" + text : text)
            : "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? read) || read.Scheme is not ("http" or "https") || read.Host == "") return null;
        if (read.UserInfo != "" || read.Fragment != "" || read.Query != "") return null;
        string path = read.AbsolutePath.TrimEnd('/');
        return new(url)
        {
            IsTls = read.Scheme == "https",
            Host = read.IdnHost,
            Port = read.Port,
            BasePath = path,
            Authority = read.IsDefaultPort ? HostOf(read) : string.Create(CultureInfo.InvariantCulture, $"{HostOf(read)}:{read.Port}"),
        };
    }

    // The framework takes localhost:3000 for a URL with the scheme "localhost".
    private static bool HasPort(string text)
    {
        int colon = text.LastIndexOf(':');
        return colon >= 0 && ushort.TryParse(text.AsSpan(colon + 1).TrimEnd('/'), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static string HostOf(Uri url) => url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
}
