using Rcomm.Listening.Sizing;

namespace Rcomm.Listening.Sockets;

/// <summary>Configures how a listening socket is opened: its backlog and its other options.</summary>
public sealed record ListenSocketOptions : SocketOptions
{
    /// <summary>Initializes the options with their defaults.</summary>
    public ListenSocketOptions()
    {
    }

    /// <summary>Initializes the options from others, with the default backlog.</summary>
    public ListenSocketOptions(SocketOptions options)
        : base(options)
    {
    }

    /// <summary>Gets how many connections may wait to be accepted. Default 128.</summary>
    public Backlog Backlog { get; init; } = Backlog.Default;
}
