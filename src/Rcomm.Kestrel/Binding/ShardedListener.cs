using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Rcomm.Kestrel.Binding;

/// <summary>Combines the listeners of one address. Without any, it never returns a connection.</summary>
internal sealed class ShardedListener : IConnectionListener
{
    private readonly IReadOnlyList<ListenQueueListener> _shards;
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });

    public ShardedListener(EndPoint endPoint, IReadOnlyList<ListenQueueListener> shards)
    {
        EndPoint = endPoint;
        _shards = shards;
        _ = CollectAsync();
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
            if (_accepted.Reader.TryRead(out ConnectionContext? connection)) return connection;
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) =>
        await Task.WhenAll(_shards.Select(shard => shard.UnbindAsync(cancellationToken).AsTask()));

    public async ValueTask DisposeAsync()
    {
        foreach (ListenQueueListener shard in _shards) await shard.DisposeAsync();
    }

    private async Task CollectAsync()
    {
        await Task.WhenAll(_shards.Select(async shard =>
        {
            while (await shard.AcceptAsync() is { } connection) _accepted.Writer.TryWrite(connection);
        }));
        _accepted.Writer.Complete();
    }
}
