using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Rcomm.Configuration;
using Rcomm.Listening;
using Rcomm.Safety;
using Rcomm.Site;

namespace Rcomm.Tests;

/// <summary>Parsers of ours against a million made-up inputs each, from a fixed seed: whatever comes, an answer or an error that is meant, never another exception.</summary>
public sealed class FuzzTests
{
    private const int Cases = 1_000_000;
    private const int Seed = 20261123;

    [Fact]
    public void Listen_addresses()
    {
        foreach (string text in Made(["127.0.0.1", "0", ".", ":", "[", "]", "::1", "*", "localhost", "unix:", "@", "/", "7878", "65536", "-1", " ", "ä", "%", "\0", "fe80::1%eth0"]))
            if (ListenAddress.TryParse(text, out ListenAddress? address, out string? error)) Assert.NotNull(address.ToString());
            else Assert.False(string.IsNullOrEmpty(error));
    }

    [Fact]
    public void Backlogs()
    {
        foreach (string text in Made(["1", "28", "0", "-", "+", "max", "auto", " ", ".", "e", "x", "2147483647", "2147483648", "٣", "\0", ","]))
            if (Backlog.TryParse(text, out Backlog backlog, out string? error)) Assert.NotNull(backlog.ToString());
            else Assert.False(string.IsNullOrEmpty(error));
    }

    [Fact]
    public void Ranges_are_within_the_file()
    {
        foreach (string text in Made(["bytes", "=", "-", "0", "1", "99", "9223372036854775807", "9223372036854775808", ",", " ", "items", "*", "\t", "a"]))
            foreach (ByteRange range in ByteRanges.Read(new StringValues(text), 100) ?? [])
                Assert.True(range.First >= 0 && range.First <= range.Last && range.Last < 100, text);
    }

    [Fact]
    public void Accepted_encodings_and_conditions()
    {
        foreach (string text in Made(["gzip", "br", "zstd", "*", ";q=", "0", "1", ".5", ",", " ", "W/", "\"", "a", "Mon, 01 Jan 2001 00:00:00 GMT", "\0", ";"]))
        {
            Assert.InRange(AcceptedCodings.Read(new StringValues(text)).Count, 0, 3);
            IHeaderDictionary headers = new HeaderDictionary();
            headers.IfNoneMatch = headers.IfModifiedSince = headers.IfRange = text;
            Conditions.Judge(headers, "\"a\"", DateTimeOffset.UnixEpoch);
            Conditions.RangeHolds(headers, "\"a\"", DateTimeOffset.UnixEpoch);
        }
    }

    [Fact]
    public void The_PROXY_protocol()
    {
        var random = new Random(Seed);
        byte[] second = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];
        byte[] bytes = new byte[64];
        for (int i = 0; i < Cases; i++)
        {
            random.NextBytes(bytes);
            if (i % 3 == 0) second.CopyTo(bytes, 0);
            if (i % 6 == 0) (bytes[12], bytes[14]) = ((byte)(0x20 | i & 1), 0);
            if (i % 3 == 1) Encoding.ASCII.GetBytes("PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n"[..random.Next(33)]).CopyTo(bytes, 0);
            var sequence = new ReadOnlySequence<byte>(bytes, 0, random.Next(bytes.Length + 1));

            ProxyProtocol.Reading reading = ProxyProtocol.Read(sequence, out SequencePosition end, out IPEndPoint? client);

            if (reading == ProxyProtocol.Reading.Whole) Assert.InRange(sequence.Slice(end).Length, 0, sequence.Length);
            else Assert.Null(client);
        }
    }

    [Fact]
    public void Path_patterns_and_what_they_are_filled_with()
    {
        var random = new Random(Seed);
        PathPattern[] patterns = [.. ((string[])["/", "/a*", "*b", "/*/x/*", "*", "/**", "/a*b*a", "*.pdf"]).Select(PathPattern.Parse)];
        foreach (string text in Made(["/", "a", "b", "x", "*", ".pdf", "..", "//evil", "\r\n", "ä", "%2f"]))
            if (patterns[random.Next(patterns.Length)].Match("/" + text) is { } stars)
                Assert.DoesNotContain('\n', PathPattern.Fill("/to/*/*", stars));
    }

    [Fact]
    public void Times_sizes_and_networks()
    {
        foreach (string text in Made(["1", "0", ".", "ms", "s", "k", "g", "d", "-", "e9", "99999999999999999999", "/", "10.0.0.0", "::", ",", "\0"]))
        {
            Tolerate(() => Readers.Time(text));
            Tolerate(() => Readers.Size(text));
            Tolerate(() => Readers.Networks(text));
        }
    }

    private static void Tolerate(Action read)
    {
        try
        {
            read();
        }
        catch (FormatException e)
        {
            Assert.False(string.IsNullOrEmpty(e.Message));
        }
    }

    private static IEnumerable<string> Made(string[] pieces)
    {
        var random = new Random(Seed);
        for (int i = 0; i < Cases; i++) yield return string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)]));
    }
}
