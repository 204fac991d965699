using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Sockets;

/// <summary>How a listening socket is opened: its backlog and its other options.</summary>
public sealed record ListenSocketOptions : SocketOptions
{
    /// <summary>The defaults.</summary>
    public ListenSocketOptions()
    {
    }

    /// <summary>These options, with the default backlog.</summary>
    public ListenSocketOptions(SocketOptions options)
        : base(options)
    {
    }

    /// <summary>How many connections may wait to be accepted. Default 128.</summary>
    public Backlog Backlog { get; init; } = Backlog.Default;
}
