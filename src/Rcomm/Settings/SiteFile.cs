using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rcomm.Settings;

/// <summary>The part of rcomm.json that only a file can say: what is done with which paths.</summary>
internal class SiteFile
{
    /// <summary>Paths that are sent to another URL.</summary>
    public List<RedirectFile> Redirects { get; set; } = [];

    /// <summary>Paths that are answered with what another path has.</summary>
    public List<RewriteFile> Rewrites { get; set; } = [];

    /// <summary>Headers of the answers to some paths.</summary>
    public List<HeadersFile> Headers { get; set; } = [];

    /// <summary>How long clients may keep what some paths have.</summary>
    public List<CacheControlFile> CacheControl { get; set; } = [];

    /// <summary>Pages for statuses of errors, by paths beneath the root.</summary>
    public Dictionary<string, string> ErrorPages { get; set; } = [];

    /// <summary>Paths that another service answers.</summary>
    public List<ProxyFile> Proxy { get; set; } = [];
}

/// <summary>A site of its own for some host names.</summary>
internal sealed class HostFile : SiteFile
{
    /// <summary>Like <c>example.com</c>, or <c>*.example.com</c> for every name below it.</summary>
    public required List<string> Names { get; set; }

    public required string DocumentRoot { get; set; }

    /// <summary>As the setting of the same name; as the server has it where it is left out.</summary>
    public bool? Spa { get; set; }

    /// <inheritdoc cref="Spa"/>
    public bool? Listing { get; set; }
}

internal sealed record RedirectFile(string From, string To, int Status = 301);

internal sealed record RewriteFile(string From, string To);

internal sealed record HeadersFile(string Path, Dictionary<string, string> Set);

internal sealed record CacheControlFile(string Path, string Value);

/// <param name="Connections">As RCOMM_UPSTREAM_CONNECTIONS has it, for this one.</param>
/// <param name="Health">As RCOMM_UPSTREAM_HEALTH has it, for this one.</param>
/// <param name="Http">As RCOMM_UPSTREAM_HTTP has it, for this one.</param>
internal sealed record ProxyFile(string Path, List<string> To, int? Connections = null, string? Health = null, string? Http = null);

/// <summary>Reads and checks these shapes; a member that is none of theirs is an error.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SiteFile))]
[JsonSerializable(typeof(List<HostFile>))]
internal sealed partial class SiteFileJson : JsonSerializerContext;
