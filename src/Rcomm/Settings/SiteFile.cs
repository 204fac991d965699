using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcomm.Settings;

/// <summary>The part of rcomm.json that no flag or variable can set: rules for paths.</summary>
internal class SiteFile
{
    /// <summary>Redirects to other URLs.</summary>
    public List<RedirectFile> Redirects { get; set; } = [];

    /// <summary>Rewrites to other paths.</summary>
    public List<RewriteFile> Rewrites { get; set; } = [];

    /// <summary>Headers of the responses to some paths.</summary>
    public List<HeadersFile> Headers { get; set; } = [];

    /// <summary>How long clients may cache some paths.</summary>
    public List<CacheControlFile> CacheControl { get; set; } = [];

    /// <summary>The error pages, by status; paths beneath the root.</summary>
    public Dictionary<string, string> ErrorPages { get; set; } = [];

    /// <summary>Paths that are forwarded to another service.</summary>
    public List<ProxyFile> Proxy { get; set; } = [];
}

/// <summary>A site for particular host names.</summary>
internal sealed class HostFile : SiteFile
{
    /// <summary>E.g. <c>example.com</c>, or <c>*.example.com</c> for every name below it.</summary>
    public required List<string> Names { get; set; }

    public required string DocumentRoot { get; set; }

    /// <summary>The setting of the same name; the server's value if omitted.</summary>
    public bool? Spa { get; set; }

    /// <inheritdoc cref="Spa"/>
    public bool? Listing { get; set; }
}

internal sealed record RedirectFile(string From, string To, int Status = 301);

internal sealed record RewriteFile(string From, string To);

internal sealed record HeadersFile(string Path, Dictionary<string, string> Set);

internal sealed record CacheControlFile(string Path, string Value);

/// <param name="Connections">Overrides RCOMM_UPSTREAM_CONNECTIONS for this route.</param>
/// <param name="Health">Overrides RCOMM_UPSTREAM_HEALTH for this route.</param>
/// <param name="Http">Overrides RCOMM_UPSTREAM_HTTP for this route.</param>
internal sealed record ProxyFile(string Path, List<string> To, int? Connections = null, string? Health = null, string? Http = null);

/// <summary>Reads these types; an unknown member is an error.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SiteFile))]
[JsonSerializable(typeof(List<HostFile>))]
internal sealed partial class SiteFileJson : JsonSerializerContext;
