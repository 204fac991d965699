using Microsoft.AspNetCore.Http;
using Rcomm.Proxy.Bodies;

namespace Rcomm.Proxy;

/// <summary>A client's request, and what of it goes to an upstream.</summary>
/// <param name="Context">The client's request, and where its answer goes.</param>
/// <param name="Outgoing">The head that goes up.</param>
/// <param name="Body">The body that goes up; null for none.</param>
internal readonly record struct ForwardedRequest(HttpContext Context, OutgoingRequest Outgoing, RequestBody? Body);
