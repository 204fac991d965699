using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Rcomm.Transport.FastPath;

namespace Rcomm.Site.FastPath;

/// <summary>
/// The parts of a request that an answer depends on, as bytes: scheme and method, target, Host, Accept-Encoding, If-None-Match and
/// If-Modified-Since. The site reads no other header of a plain request. A value of none of them has a line feed in it, and none is empty
/// where it is there.
/// </summary>
internal sealed record RequestKey(byte[] Bytes, uint Hash, string Method, string Target, string Host)
{
    /// <summary>A request with more in these parts is not answered from memory.</summary>
    public const int MaxLength = 1024;

    private const int LongestMethod = 10;
    private const byte Separator = (byte)'\n';

    /// <summary>The key of a request as the pipeline sees it; null where the fast path would not take it for plain.</summary>
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

    /// <summary>Writes the key of a plain request; returns its length, and 0 where it is too long.</summary>
    /// <param name="isHttps">True where it came over TLS.</param>
    public static int Write(in PlainRequest request, bool isHttps, Span<byte> room)
    {
        int length = LongestMethod + request.Target.Length + request.Host.Length + request.AcceptEncoding.Length + request.IfNoneMatch.Length +
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

    // Keys are compared byte by byte, and one replaces another of the same hash: nobody gains by a collision.
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
