using System.Buffers;
using Microsoft.AspNetCore.Http;
using Rcomm.Requests;

namespace Rcomm.Proxy;

/// <summary>Finds the first matching route of a request.</summary>
internal sealed class RouteTable(IReadOnlyList<RouteForwarding> routes)
{
    private const string Below = "/*";

    private static readonly SearchValues<char> NotInPaths = SearchValues.Create("*{}?# ");

    private readonly Entry[] _entries =
        [.. routes.Select(one => new Entry(one, one.Route.Path, [.. one.Route.Hosts.Select(host => HostName.Normalize(host) ?? "")]))];

    /// <summary>Returns true for a valid path of a route: complete, or ending with <c>/*</c>.</summary>
    public static bool IsPath(string path) =>
        path.StartsWith('/') && !(path.EndsWith(Below, StringComparison.Ordinal) ? path.AsSpan(0, path.Length - Below.Length) : path).ContainsAny(NotInPaths);

    public RouteForwarding? Find(HttpContext context)
    {
        // The path of "OPTIONS *" is empty.
        string path = context.Request.Path.Value is { Length: > 0 } some ? some : "/";
        string? host = null;
        foreach (Entry entry in _entries)
        {
            if (!HasPath(entry.Path, path)) continue;
            if (entry.Hosts.Length == 0) return entry.Forwarding;
            host ??= HostName.Normalize(context.Request.Headers.Host.ToString()) ?? "";
            foreach (string name in entry.Hosts)
                if (HasHost(name, host)) return entry.Forwarding;
        }
        return null;
    }

    private static bool HasPath(string pattern, string path)
    {
        if (!pattern.EndsWith(Below, StringComparison.Ordinal)) return path == pattern;
        ReadOnlySpan<char> folder = pattern.AsSpan(0, pattern.Length - Below.Length);
        return path.AsSpan().StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');
    }

    private static bool HasHost(string name, string host) => name.StartsWith("*.", StringComparison.Ordinal)
        ? host.Length > name.Length - 1 && host.EndsWith(name[1..], StringComparison.Ordinal)
        : host == name;

    private sealed record Entry(RouteForwarding Forwarding, string Path, string[] Hosts);
}
