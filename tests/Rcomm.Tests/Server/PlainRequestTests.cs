using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using Rcomm.Transport.FastPath;
using HttpMethod = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpMethod;
using HttpVersion = Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpVersion;

namespace Rcomm.Tests.Server;

/// <summary>Kestrel's own parser reads every plain request in the same way as the fast path.</summary>
public sealed class PlainRequestTests
{
    private const int Mutations = 1_000_000;
    private static readonly PlainRequestLimits Limits = new(4096, 64);

    private static readonly string[] Seeds =
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD /a/b.css?q=1 HTTP/1.1\r\nHost: example.com:8080\r\nConnection: close\r\n\r\n",
        "GET /style.css HTTP/1.1\r\nHost: x\r\nUser-Agent: a/1.0 (b; c)\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\nConnection: " +
        "keep-alive\r\nIf-None-Match: \"abc-br\"\r\n\r\n",
        "GET /style.css HTTP/1.1\r\nhost:x\r\nIf-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\nReferer: http://x/\r\nCookie: a=b; c=d\r\n\r\n",
    ];

    [Fact]
    public void The_parts_of_a_plain_request_are_found()
    {
        byte[] request = Encoding.ASCII.GetBytes(Seeds[2] + Seeds[0]);

        Assert.True(PlainRequest.TryRead(request, Limits, out PlainRequest plain));
        Assert.False(plain.IsHead);
        Assert.False(plain.Closes);
        Assert.Equal("/style.css", Encoding.ASCII.GetString(plain.Target));
        Assert.Equal("x", Encoding.ASCII.GetString(plain.Host));
        Assert.Equal("gzip, br", Encoding.ASCII.GetString(plain.AcceptEncoding));
        Assert.Equal("\"abc-br\"", Encoding.ASCII.GetString(plain.IfNoneMatch));
        Assert.Equal("a/1.0 (b; c)", Encoding.ASCII.GetString(plain.UserAgent));
        Assert.Equal(Seeds[2].Length, plain.Length);
    }

    [Fact]
    public void A_request_that_is_not_whole_or_too_large_is_not_plain()
    {
        foreach (byte[] request in Seeds.Select(Encoding.ASCII.GetBytes))
        {
            for (int length = 0; length < request.Length; length++) Assert.False(PlainRequest.TryRead(request.AsSpan(0, length), Limits, out _));
            Assert.False(PlainRequest.TryRead(request, new(request.Length - 1, 64), out _));
            Assert.False(PlainRequest.TryRead(request, new(4096, 0), out _));
        }
    }

    [Fact]
    public void A_million_mutations_of_plain_requests_are_read_as_Kestrel_reads_them_or_left_to_it()
    {
        var random = new Random(17);
        byte[][] seeds = [.. Seeds.Select(Encoding.ASCII.GetBytes)];
        int plain = 0;
        for (int i = 0; i < Mutations; i++)
        {
            byte[] mutated = Mutate(seeds[i % seeds.Length], random);
            if (!PlainRequest.TryRead(mutated, Limits, out PlainRequest request)) continue;
            plain++;
            Seen seen = Parse(mutated);
            string text = Encoding.Latin1.GetString(mutated);
            Assert.True(seen.Length == request.Length, text);
            Assert.True(seen.Method == (request.IsHead ? HttpMethod.Head : HttpMethod.Get) && seen.Version == HttpVersion.Http11, text);
            Assert.True(request.Target.SequenceEqual(Encoding.Latin1.GetBytes(seen.Target)), text);
            AssertSame(seen, "host", request.Host, text);
            AssertSame(seen, "accept-encoding", request.AcceptEncoding, text);
            AssertSame(seen, "if-none-match", request.IfNoneMatch, text);
            AssertSame(seen, "if-modified-since", request.IfModifiedSince, text);
            Assert.True(request.Closes == seen.Headers.Exists(header => header is ("connection", var value)
                && value.Equals("close", StringComparison.OrdinalIgnoreCase)), text);
            Assert.DoesNotContain(seen.Headers, header => header.Name is "content-length" or "transfer-encoding" or "range" or "expect" or "upgrade");
        }
        Assert.InRange(plain, Mutations / 10, Mutations);
    }

    private static void AssertSame(Seen seen, string name, ReadOnlySpan<byte> value, string request) =>
        Assert.True(string.Join('|', seen.Headers.Where(header => header.Name == name)
            .Select(header => header.Value)) == Encoding.Latin1.GetString(value), $"{name} of {request}");

    // A byte changed, dropped, doubled or put in, one to three times.
    private static byte[] Mutate(byte[] seed, Random random)
    {
        List<byte> bytes = [.. seed];
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            int at = random.Next(bytes.Count);
            byte any = random.Next(2) == 0 ? (byte)random.Next(256) : " \t\r\n:/\0GH"u8[random.Next(9)];
            switch (random.Next(4))
            {
                case 0: bytes[at] = any; break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, bytes[at]); break;
                default: bytes.Insert(at, any); break;
            }
        }
        return [.. bytes];
    }

    // A copy: the parser decodes paths in place.
    private static Seen Parse(byte[] bytes)
    {
        var seen = new Seen();
        var reader = new SequenceReader<byte>(new ReadOnlySequence<byte>([.. bytes]));
        var parser = new HttpParser<Seen>();
        Assert.True(parser.ParseRequestLine(seen, ref reader));
        Assert.True(parser.ParseHeaders(seen, ref reader));
        seen.Length = (int)reader.Consumed;
        return seen;
    }

    private sealed class Seen : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        public HttpMethod Method { get; private set; }

        public HttpVersion Version { get; private set; }

        public string Target { get; private set; } = "";

        public int Length { get; set; }

        public List<(string Name, string Value)> Headers { get; } = [];

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
        {
            (Method, Version) = (versionAndMethod.Method, versionAndMethod.Version);
            Target = Encoding.Latin1.GetString(startLine[targetPath.Offset..]);
        }

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
            Headers.Add((Encoding.Latin1.GetString(name).ToLowerInvariant(), Encoding.Latin1.GetString(value)));

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index)
        {
        }

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value)
        {
        }
    }
}
