using Microsoft.AspNetCore.StaticFiles;

namespace Rcomm.Site.Files;

/// <summary>Maps file extensions to media types; text is UTF-8.</summary>
internal static class ContentTypes
{
    private const string Utf8 = "; charset=utf-8";

    private static readonly FileExtensionContentTypeProvider Known = MakeKnown();

    public static string Of(string path)
    {
        if (!Known.TryGetContentType(path, out string? type)) return "application/octet-stream";
        return IsText(type) ? type + Utf8 : type;
    }

    /// <summary>Returns true for types that compress well: text, and formats without compression of their own.</summary>
    public static bool IsWorthEncoding(string type) =>
        type.EndsWith(Utf8, StringComparison.Ordinal) || type is "application/wasm" or "application/vnd.ms-fontobject" or "font/ttf" or "font/otf"
            or "image/x-icon" or "image/bmp" or "application/x-font-ttf" or "application/rtf";

    /// <summary>Returns the coding that a file with this name already has; null for none.</summary>
    public static string? CodingOf(string path) => path.EndsWith(".svgz", StringComparison.OrdinalIgnoreCase) ? "gzip" : null;

    private static bool IsText(string type) =>
        type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("+xml", StringComparison.Ordinal)
            || type.EndsWith("+json", StringComparison.Ordinal)
            || type is "application/javascript" or "application/json" or "application/xml" or "application/yaml" or "application/toml";

    // The framework's table lacks newer types, and has some names that browsers no longer know.
    private static FileExtensionContentTypeProvider MakeKnown()
    {
        var known = new FileExtensionContentTypeProvider();
        foreach ((string extension, string type) in (ReadOnlySpan<(string, string)>)
        [
            (".avif", "image/avif"), (".jxl", "image/jxl"), (".heic", "image/heic"), (".heif", "image/heif"), (".apng", "image/apng"), (".ico", "image/x-icon"),
            (".js", "text/javascript"), (".mjs", "text/javascript"), (".cjs", "text/javascript"), (".map", "application/json"), (".json5", "application/json5"),
            (".jsonld", "application/ld+json"), (".geojson", "application/geo+json"), (".topojson", "application/json"), (".ndjson", "application/x-ndjson"),
            (".webmanifest", "application/manifest+json"), (".yaml", "application/yaml"), (".yml", "application/yaml"), (".toml", "application/toml"),
            (".xml", "application/xml"), (".rss", "application/rss+xml"), (".atom", "application/atom+xml"), (".xsl", "application/xslt+xml"),
            (".md", "text/markdown"), (".markdown", "text/markdown"), (".log", "text/plain"), (".conf", "text/plain"), (".ics", "text/calendar"),
            (".vcf", "text/vcard"),
            (".vtt", "text/vtt"), (".srt", "text/plain"), (".wasm", "application/wasm"), (".ttf", "font/ttf"), (".otf", "font/otf"),
            (".ttc", "font/collection"),
            (".woff", "font/woff"), (".woff2", "font/woff2"), (".eot", "application/vnd.ms-fontobject"), (".opus", "audio/ogg"),
            (".oga", "audio/ogg"), (".flac", "audio/flac"),
            (".weba", "audio/webm"), (".m4a", "audio/mp4"), (".aac", "audio/aac"), (".mkv", "video/x-matroska"), (".m3u8", "application/vnd.apple.mpegurl"),
            (".mpd", "application/dash+xml"), (".m4s", "video/iso.segment"), (".zst", "application/zstd"), (".br", "application/octet-stream"),
            (".gz", "application/gzip"), (".xz", "application/x-xz"),
            (".bz2", "application/x-bzip2"), (".7z", "application/x-7z-compressed"), (".epub", "application/epub+zip"),
            (".apk", "application/vnd.android.package-archive"),
            (".glb", "model/gltf-binary"), (".gltf", "model/gltf+json"), (".stl", "model/stl"), (".usdz", "model/vnd.usdz+zip"),
            (".deb", "application/vnd.debian.binary-package"),
        ])
            known.Mappings[extension] = type;
        return known;
    }
}
