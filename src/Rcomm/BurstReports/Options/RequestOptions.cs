using System.CommandLine;
using Rcomm.Burst;
using Rcomm.Settings;
using static Rcomm.BurstReports.Options.OptionValue;

namespace Rcomm.BurstReports.Options;

/// <summary>The options for the request of each connection.</summary>
internal sealed class RequestOptions
{
    private readonly Option<string?> _method = Of("--method", "METHOD", "the method of the request [GET]");
    private readonly Option<string[]?> _headers =
        new("--header", "-H") { Description = "a header of the request, \"Name: value\"; repeatable", HelpName = "HEADER" };
    private readonly Option<string?> _body = Of("--body", "FILE", "send this file as the body of the request");
    private readonly Option<string?> _expect = Of("--expect", "STATUSES", "the statuses that count as answered, e.g. 200-299 [below 400]");
    private readonly Option<bool> _http2 = Switch("--http2", "use HTTP/2: by ALPN over TLS, otherwise by prior knowledge");

    public IReadOnlyList<Option> All => [_method, _headers, _body, _expect, _http2];

    public bool Http2(ParseResult parsed) => parsed.GetValue(_http2);

    /// <exception cref="ConfigurationException">The body can't be read.</exception>
    /// <exception cref="BurstException">A header or a status isn't valid.</exception>
    public BurstRequest Request(ParseResult parsed)
    {
        ReadOnlyMemory<byte> body = parsed.GetValue(_body) is { } file ? ReadBody(file) : default;
        return new()
        {
            Method = parsed.GetValue(_method) ?? (parsed.IsGiven(_body) ? "POST" : "GET"),
            Headers = [.. (parsed.GetValue(_headers) ?? []).Select(BurstRequest.ParseHeader)],
            Body = body,
            Expected = parsed.GetValue(_expect) is { } statuses ? StatusRanges.Parse(statuses) : StatusRanges.BelowFourHundred,
        };
    }

    private byte[] ReadBody(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{_body.Name} {file}: {e.Message} Name a file that this user may read.");
        }
    }
}
