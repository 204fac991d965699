using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Rcomm.Requests;

namespace Rcomm.Connections.Http1;

/// <summary>Checks the requests of every HTTP/1 connection before Kestrel reads them, on every listener.</summary>
internal static class StrictRequests
{
    public static async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (((ISslStreamFeature?)connection.Features[typeof(ISslStreamFeature)])?.SslStream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
        {
            await next(connection);
            return;
        }
        IDuplexPipe transport = connection.Transport;
        var reader = new StrictRequestReader(transport.Input);
        connection.Features.Set(reader);
        connection.Transport = new CheckedTransport(reader, transport.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    /// <summary>Stops the checks when a request for another protocol is accepted (101), e.g. by a proxy for WebSockets.</summary>
    public static Task FollowUpgradesAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade
            && context.Feature<StrictRequestReader>() is { } reader)
            context.Features.Set<IHttpUpgradeFeature>(new FollowedUpgrade(upgrade, reader));
        return next(context);
    }

    private sealed record CheckedTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class FollowedUpgrade(IHttpUpgradeFeature upgrade, StrictRequestReader reader) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

        public Task<Stream> UpgradeAsync()
        {
            reader.Leave();
            return upgrade.UpgradeAsync();
        }
    }
}
