using System.Net;
using Microsoft.AspNetCore.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>
/// Holds partial request heads outside Kestrel, where they take little more memory than their bytes. Incomplete ones are counted and logged like
/// Kestrel's.
/// </summary>
/// <param name="log">Logs each of them; null if the access log is off.</param>
internal sealed class HeldHeads(RefusedClients refused, PlainRequestLimits limits, Func<AccessLog?> log) : IRequestHeads
{
    public int MaxHeld => limits.Bytes;

    public void Refused(int status, IPAddress? client, ReadOnlySpan<byte> received)
    {
        refused.Add(status == StatusCodes.Status408RequestTimeout ? RefusedClients.RequestTimeout : RefusedClients.BadRequest);
        log()?.Write(AccessEntry.OfPart(client, received, status));
    }
}
