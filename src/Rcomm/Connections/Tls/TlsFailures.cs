using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rcomm.Http;

namespace Rcomm.Connections.Tls;

/// <summary>Counts the TLS handshakes that fail: Kestrel closes such a connection and says nothing.</summary>
internal static class TlsFailures
{
    private static readonly object HasSucceeded = new();

    /// <summary>Watches the handshakes of an endpoint.</summary>
    /// <param name="addTls">Adds TLS to the endpoint.</param>
    public static void CountIn(ListenOptions endpoint, RefusedClients refused, Action addTls)
    {
        endpoint.Use(next => async connection =>
        {
            await next(connection);
            if (!connection.Items.ContainsKey(HasSucceeded)) refused.Add(RefusedClients.TlsHandshake);
        });
        addTls();
        endpoint.Use(next => connection =>
        {
            connection.Items[HasSucceeded] = true;
            return next(connection);
        });
    }
}
