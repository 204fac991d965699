using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Rcomm.Http;

namespace Rcomm.Tests.Http;

/// <summary>What is refused above Kestrel, and the responses for failed requests.</summary>
public sealed class RequestChecksTests
{
    [Theory]
    [InlineData("Keep-Alive", "timeout=5")]
    [InlineData("Proxy-Connection", "keep-alive")]
    [InlineData("Transfer-Encoding", "chunked")]
    [InlineData("Upgrade", "websocket")]
    [InlineData("X", "a\u0001b")]
    [InlineData("X", "a\u007f")]
    [InlineData("X", " a")]
    [InlineData("X", "a\t")]
    public async Task Fields_that_HTTP_2_forbids_reset_a_stream_of_HTTP_2(string name, string value)
    {
        var reset = new Reset();
        DefaultHttpContext context = Request("HTTP/2", "/");
        context.Features.Set<IHttpResetFeature>(reset);
        context.Request.Headers[name] = value;

        Assert.False(await IsPassedOnAsync(context));
        Assert.Equal(0x1, reset.Code);
    }

    [Theory]
    [InlineData("HTTP/2", "/a\u007fb", "x", false)]
    [InlineData("HTTP/2", "/a b", "x", false)]
    [InlineData("HTTP/2", "*", "x", false)]
    [InlineData("HTTP/2", "/", "xn--99999999999", false)]
    [InlineData("HTTP/1.1", "/a\rb", "x", false)]
    [InlineData("HTTP/1.1", "*", "x", false)]
    [InlineData("HTTP/1.1", "/", "xn--", false)]
    [InlineData("HTTP/2", "/", "x", true)]
    [InlineData("HTTP/1.1", "/?a=%7f", "xn--bcher-kva.example", true)]
    public async Task Targets_and_hosts_that_nobody_may_read_are_refused(string protocol, string target, string host, bool isPassedOn)
    {
        DefaultHttpContext context = Request(protocol, target);
        context.Request.Headers.Host = host;

        Assert.Equal(isPassedOn, await IsPassedOnAsync(context));
        Assert.Equal(isPassedOn ? 200 : 400, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_request_that_fails_is_answered_with_500_and_many_of_them_are_one_line()
    {
        var lines = new Lines();
        var failed = new FailedRequests(lines, (context, status) => Task.FromResult(context.Response.StatusCode = status));
        DefaultHttpContext context = Request("HTTP/1.1", "/page");

        for (int i = 0; i < 100; i++) await failed.InvokeAsync(context, _ => throw new IOException("the disk\e[31m fails"));

        Assert.Equal(500, context.Response.StatusCode);
        Assert.InRange(lines.All.Count, 1, 3);
        Assert.Equal(@"GET /page failed: the disk\x1B[31m fails", lines.All[0]);
    }

    [Fact]
    public async Task A_client_that_went_away_is_no_failure()
    {
        var lines = new Lines();
        DefaultHttpContext context = Request("HTTP/1.1", "/page");
        context.RequestAborted = new CancellationToken(canceled: true);

        await new FailedRequests(lines, (_, _) => Task.CompletedTask).InvokeAsync(context, _ => throw new OperationCanceledException());

        Assert.Empty(lines.All);
    }

    private static DefaultHttpContext Request(string protocol, string target)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Protocol, context.Request.Path) = ("GET", protocol, "/page");
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        return context;
    }

    private static async Task<bool> IsPassedOnAsync(HttpContext context)
    {
        bool isPassedOn = false;
        await RequestChecks.InvokeAsync(context, _ =>
        {
            isPassedOn = true;
            return Task.CompletedTask;
        }, refused: null);
        return isPassedOn;
    }

    private sealed class Reset : IHttpResetFeature
    {
        public int? Code { get; private set; }

        void IHttpResetFeature.Reset(int errorCode) => Code = errorCode;
    }

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
