using Rcomm.Http;
using Rcomm.Site;
using Rcomm.Status;

namespace Rcomm.Server;

/// <summary>The parts of a running server that can be queried or changed.</summary>
/// <param name="Authentication">Null if no password is required.</param>
internal sealed record ServerParts(
    ServerSockets Sockets, HostedSites Sites, BasicAuthentication? Authentication, ServerStatus Status, ServiceNotices Notices);
