namespace Rcomm.Burst.Results;

/// <summary>What happened on a WebSocket while it was held open.</summary>
/// <param name="Pings">Pings sent.</param>
/// <param name="Pongs">Pings that the server answered.</param>
/// <param name="MaxPongUs">The longest time to an answer, in microseconds; null if there was none.</param>
/// <param name="CloseCode">
/// The code with which the server closed it (RFC 6455, 7.4.1), 1006 if the connection ended without a close frame; null if the burst closed it.
/// </param>
/// <param name="ClosedUs">When the server closed it, in microseconds since the run began.</param>
public sealed record WebSocketRecord(int Pings, int Pongs, long? MaxPongUs, int? CloseCode, long? ClosedUs);
