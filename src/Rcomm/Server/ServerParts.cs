using Rcomm.Http;
using Rcomm.Site;
using Rcomm.Status;

namespace Rcomm.Server;

/// <summary>The parts of a running server that can be asked or changed while it runs.</summary>
/// <param name="Authentication">Null where no password is asked for.</param>
internal sealed record ServerParts(
    ServerSockets Sockets, HostedSites Sites, BasicAuthentication? Authentication, ServerStatus Status, ServiceNotices Notices);
