using Microsoft.AspNetCore.StaticFiles;

namespace Rcomm.Site;

/// <summary>The media type of a file by its extension; text is UTF-8.</summary>
internal static class ContentTypes
{
    private static readonly FileExtensionContentTypeProvider Known = new();

    public static string Of(string fileName)
    {
        if (!Known.TryGetContentType(fileName, out string? type)) return "application/octet-stream";

        bool isText = type.StartsWith("text/", StringComparison.Ordinal)
            || type is "application/javascript" or "application/json" or "application/xml" or "image/svg+xml" or "application/manifest+json";
        return isText ? type + "; charset=utf-8" : type;
    }
}
