using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;

namespace Rcomm.Proxy;

/// <summary>A client's request and the request that is sent to an upstream.</summary>
/// <param name="Context">The client's request and its response.</param>
/// <param name="Outgoing">The head sent to the upstream.</param>
/// <param name="Body">The body sent to the upstream; null for none.</param>
internal readonly record struct ForwardedRequest(HttpContext Context, OutgoingRequest Outgoing, RequestBody? Body);
