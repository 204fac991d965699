using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>
/// The parts of a request that an answer depends on, as bytes: scheme and method, target, Host, Accept-Encoding, If-None-Match and If-Modified-Since. The
/// site reads no other header of a plain request. None of these values contains a line feed, and none is empty if present.
/// </summary>
internal sealed record RequestKey(byte[] Bytes, uint Hash, string Method, string Target, string Host)
{
    /// <summary>The maximum length of these parts in a request that is answered from memory.</summary>
    public const int MaxLength = 1024;

    private const int MaxMethod = 10;
    private const byte Separator = (byte)'\n';

    /// <summary>Returns the key of a request in the pipeline; null if it isn't plain.</summary>
    public static RequestKey? Of(HttpContext context)
    {
        HttpRequest request = context.Request;
        IHeaderDictionary headers = request.Headers;
        bool isPlain = request.Protocol == HttpProtocol.Http11 && request.ContentLength is null
            && (headers.TransferEncoding.Count | headers.Range.Count | headers.IfRange.Count | headers.IfMatch.Count
                | headers.IfUnmodifiedSince.Count | headers.Upgrade.Count) == 0;
        if (!isPlain) return null;

        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        StringValues[] values = [headers.Host, headers.AcceptEncoding, headers.IfNoneMatch, headers.IfModifiedSince];
        if (!target.StartsWith('/') || Array.Exists(values, value => value.Count > 1 || (value.Count == 1 && value[0] is null or ""))) return null;

        string text = string.Join((char)Separator,
            [request.IsHttps ? "https " + request.Method : request.Method, target, .. values.Select(value => value.ToString())]);
        if (text.Length > MaxLength || !Ascii.IsValid(text) || text.Count(c => c == Separator) != 5) return null;
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        return new RequestKey(bytes, HashOf(bytes), request.Method, target, headers.Host.ToString());
    }

    /// <summary>Writes the key of a plain request. Returns its length, or 0 if it is too long.</summary>
    /// <param name="isHttps">True if it came over TLS.</param>
    public static int Write(in PlainRequest request, bool isHttps, Span<byte> room)
    {
        int length = MaxMethod + request.Target.Length + request.Host.Length + request.AcceptEncoding.Length + request.IfNoneMatch.Length +
            request.IfModifiedSince.Length + 5;
        if (length > room.Length) return 0;
        Span<byte> rest = room;
        Put(isHttps ? request.IsHead ? "https HEAD"u8 : "https GET"u8 : request.IsHead ? "HEAD"u8 : "GET"u8, ref rest);
        Put(request.Target, ref rest);
        Put(request.Host, ref rest);
        Put(request.AcceptEncoding, ref rest);
        Put(request.IfNoneMatch, ref rest);
        request.IfModifiedSince.CopyTo(rest);
        return room.Length - rest.Length + request.IfModifiedSince.Length;
    }

    // Keys are compared byte by byte, and one replaces another with the same hash, so a collision gains nothing.
    public static uint HashOf(ReadOnlySpan<byte> key)
    {
        ulong hash = (ulong)key.Length;
        for (; key.Length >= sizeof(ulong); key = key[sizeof(ulong)..])
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(key)) * 0x9E3779B97F4A7C15, 29);
        foreach (byte one in key) hash = (hash ^ one) * 0x100000001B3;
        return (uint)(hash ^ (hash >> 32));
    }

    private static void Put(ReadOnlySpan<byte> value, ref Span<byte> rest)
    {
        value.CopyTo(rest);
        rest[value.Length] = Separator;
        rest = rest[(value.Length + 1)..];
    }
}
