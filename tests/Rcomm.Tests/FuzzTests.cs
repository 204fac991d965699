using System.Buffers;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Rcomm.Connections;
using Rcomm.Http;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Sizing;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Site.Files;
using Rcomm.Site.Http;
using Rcomm.Site.Routing;
using Rcomm.Site.Rules;

namespace Rcomm.Tests;

/// <summary>
/// Tests each of our parsers with a million generated inputs from a fixed seed: the result is a value or an expected error, never
/// another exception.
/// </summary>
public sealed class FuzzTests
{
    private const int Cases = 1_000_000;
    private const int Seed = 20261123;
    private static readonly EntityTag Tag = EntityTag.OfContent(new byte[32], ContentCoding.Identity);

    [Fact]
    public void Listen_addresses()
    {
        foreach (string text in Made(["127.0.0.1", "0", ".", ":", "[", "]", "::1", "*", "localhost", "unix:", "@", "/", "7878", "65536", "-1", " ",
            "ä", "%", "\0", "fe80::1%eth0"]))
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
            Conditions.Evaluate(headers, Tag, DateTimeOffset.UnixEpoch);
            Conditions.RangeHolds(headers, Tag, DateTimeOffset.UnixEpoch);
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
            Tolerate(() => SettingParsers.Time(text));
            Tolerate(() => SettingParsers.Size(text));
            Tolerate(() => SettingParsers.Networks(text));
        }
    }

    [Fact]
    public void Password_files()
    {
        foreach (string text in Made(["bob", ":", "$2y$05$", "$2b$", "$", "99", "04", "9RzbjYiDcuacqqSPzXQtsuykAHQn.iKskMldRNAVnCgvwnkQ9EE.y",
            "abcdefghijklmnopqrstuv", "#", "\n", "\r", "ä", "\0", " ", "{SHA}"]))
            Tolerate(() => PasswordFile.Parse(text.Split('\n')).Verify("nobody", "x"));
    }

    [Fact]
    public void What_trusted_proxies_say()
    {
        var forwarded = new ForwardedHeader([IPNetwork.Parse("127.0.0.0/8")]);
        var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Loopback } };
        foreach (string text in Made(["for", "=", "\"", ";", ",", "proto", "host", "1.2.3.4", "[::1]:80", "_hidden", " ", "For=", "\t", "\\", "ä", "unknown"]))
        {
            context.Request.Headers["Forwarded"] = text;
            context.Connection.RemoteIpAddress = IPAddress.Loopback;
            forwarded.Apply(context);
        }
    }

    [Fact]
    public void No_route_leads_to_a_file_outside_the_root()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("rcomm");
        string root = folder.CreateSubdirectory("root").FullName;
        folder.CreateSubdirectory("root/folder/deep");
        folder.CreateSubdirectory("rootless");
        string[] inside = ["page.html", "about.html", "folder/index.html", "folder/deep/x.txt", "a%2fb", "not_found.html", ".hidden"];
        foreach (string name in inside) File.WriteAllText(Path.Combine(root, name), name);
        foreach (string name in (string[])["secret", "rootless/secret"]) File.WriteAllText(Path.Combine(folder.FullName, name), "secret");
        foreach ((string name, string target) in (ReadOnlySpan<(string, string)>)[("out", ".."), ("leak", "../secret"), ("top", "/"),
            ("self", "self"), ("folder/back", "../about.html"), ("folder/far", "../../rootless")])
            File.CreateSymbolicLink(Path.Combine(root, name), target);
        var documents = new DocumentRoot(root);
        // By number, because a handle doesn't show what it reads.
        HashSet<ulong> served = [.. inside.Except(["not_found.html", ".hidden"]).Select(InodeOf)];
        var router = new Router(documents, ["not_found.html"]);
        try
        {
            foreach (string target in Made(["/", "..", "%2e%2e", ".", "%2f", "%5c", "\\", "out", "leak", "top", "self", "folder", "far", "back",
                "secret", "about", ".html", "page", "a%252fb", "?", "http://x", "etc/passwd", "proc/self/root", "not_found", ".hidden"]))
            {
                if (!RequestPath.TryParse(target, out List<string> names) || router.Find(names, target.EndsWith('/')) is not Route.ToFile file) continue;
                file.Entry.Handle!.Dispose();
                if (!served.Contains(file.Entry.Stamp.Inode)) Assert.Fail($"{target} led to {file.Path}.");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        ulong InodeOf(string name)
        {
            Entry entry = documents.Open(name);
            entry.Handle!.Dispose();
            return entry.Stamp.Inode;
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
        var made = new HashSet<string>(Cases);
        var text = new StringBuilder();
        for (int i = 0; i < Cases; i++)
        {
            text.Clear();
            for (int length = random.Next(1, 8); length > 0; length--) text.Append(pieces[random.Next(pieces.Length)]);
            // Half of them are short and were used before.
            if (made.Add(text.ToString())) yield return text.ToString();
        }
    }
}
