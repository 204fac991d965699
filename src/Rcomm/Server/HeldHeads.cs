using Microsoft.AspNetCore.Http;
using Rcomm.Requests;
using Rcomm.Transport.FastPath;

namespace Rcomm.Server;

/// <summary>
/// Request heads that come in part are held outside Kestrel, where they cost little more than their bytes; those that do not become whole
/// are counted as Kestrel's are.
/// </summary>
internal sealed class HeldHeads(RefusedClients refused, PlainRequestLimits limits) : IRequestHeads
{
    public int MaxHeld => limits.Bytes;

    public void Refused(int status) => refused.Add(status == StatusCodes.Status408RequestTimeout ? RefusedClients.RequestTimeout : RefusedClients.BadRequest);
}
