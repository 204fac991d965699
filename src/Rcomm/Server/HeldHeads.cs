using System.Net;
using Microsoft.AspNetCore.Http;
using Rcomm.Http.AccessLogging;
using Rcomm.Requests;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>
/// Request heads that come in part are held outside Kestrel, where they cost little more than their bytes; those that do not become whole
/// are counted and logged as Kestrel's are.
/// </summary>
/// <param name="log">Gets a line for each; null where the access log is off.</param>
internal sealed class HeldHeads(RefusedClients refused, PlainRequestLimits limits, Func<AccessLog?> log) : IRequestHeads
{
    public int MaxHeld => limits.Bytes;

    public void Refused(int status, IPAddress? client, ReadOnlySpan<byte> received)
    {
        refused.Add(status == StatusCodes.Status408RequestTimeout ? RefusedClients.RequestTimeout : RefusedClients.BadRequest);
        log()?.Write(AccessEntry.OfPart(client, received, status));
    }
}
