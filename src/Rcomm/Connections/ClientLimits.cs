using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Connections;
using Rcomm.Requests;
using Rcomm.Settings;
using Rcomm.Shared.Http;

namespace Rcomm.Connections;

/// <summary>Limits each client's open connections and its new connections per second. An IPv6 client is a /64, which is what one subscriber has.</summary>
internal sealed class ClientLimits : IDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);
    private static readonly byte[] TooMany = RawResponse.TryAgain("429 Too Many Requests");

    private readonly RefusedClients _refused;
    private readonly PartitionedRateLimiter<UInt128>? _open;
    private readonly PartitionedRateLimiter<UInt128>? _rate;

    /// <param name="refused">Counts the clients that are turned away.</param>
    public ClientLimits(Limits limits, RefusedClients refused)
    {
        _refused = refused;
        if (limits.ClientConnections > 0)
            _open = PartitionedRateLimiter.Create<UInt128, UInt128>(
                client => RateLimitPartition.GetConcurrencyLimiter(client, _ => new() { PermitLimit = limits.ClientConnections }));
        if (limits.ClientRate > 0)
            _rate = PartitionedRateLimiter.Create<UInt128, UInt128>(client => RateLimitPartition.GetTokenBucketLimiter(client, _ => new()
            {
                TokenLimit = limits.ClientRate,
                TokensPerPeriod = limits.ClientRate,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                AutoReplenishment = false,
            }));
    }

    public bool IsNeeded => _open is not null || _rate is not null;

    /// <summary>Lets a connection through, or closes it.</summary>
    /// <param name="isPlain">Whether it uses plain HTTP from the first byte, so that the client can understand an answer.</param>
    public async Task InvokeAsync(ConnectionContext connection, ConnectionDelegate next, bool isPlain)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: { } address })
        {
            await next(connection);
            return;
        }
        UInt128 client = ClientOf(address);
        using RateLimitLease? begun = _rate?.AttemptAcquire(client);
        using RateLimitLease? open = begun is { IsAcquired: false } ? null : _open?.AttemptAcquire(client);
        if (begun is not { IsAcquired: false } && open is not { IsAcquired: false })
        {
            await next(connection);
            return;
        }
        _refused.Add(RefusedClients.ClientLimit);
        if (isPlain) await TurnAwayAsync(connection);
        else connection.Abort();
    }

    public void Dispose()
    {
        _open?.Dispose();
        _rate?.Dispose();
    }

    /// <summary>Returns the key of a client.</summary>
    public static UInt128 ClientOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out int length);
        bool isV4 = address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6;
        if (!isV4) bytes[8..].Clear();
        else if (length == 16) bytes[12..].CopyTo(bytes);
        // The key of an IPv4 address must differ from that of an IPv6 /64.
        return isV4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    // Reads the request first: closing with unread data sends a reset, which discards the response that is still in flight.
    private static async Task TurnAwayAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(CloseTimeout);
        try
        {
            var read = await connection.Transport.Input.ReadAsync(limit.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            await connection.Transport.Output.WriteAsync(TooMany, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            connection.Abort();
        }
    }
}
