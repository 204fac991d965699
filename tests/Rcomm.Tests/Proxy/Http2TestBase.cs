namespace Rcomm.Tests.Proxy;

/// <summary>What the tests of Http2Upstream share.</summary>
public abstract class Http2TestBase
{
    private protected static Task<ProxyServer> StartAsync(Http2Upstream upstream, params string[] settings) =>
        ProxyServer.StartAsync(upstream.Url, ["upstream-http=2", .. settings]);
}
