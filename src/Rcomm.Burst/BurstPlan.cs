using System.Globalization;
using System.Net;

namespace Rcomm.Burst;

/// <summary>Describes a burst.</summary>
public sealed record BurstPlan
{
    /// <summary>The maximum number of connections in a round, except for trains.</summary>
    public const int MaxConnections = 100_000;

    /// <summary>The default maximum number of threads: the kernel doesn't open connections faster with more.</summary>
    public const int DefaultMaxThreads = 4;

    /// <summary>The maximum number of rounds.</summary>
    public const int MaxRounds = 100;

    /// <summary>The maximum number of connections in all rounds together; each needs a record of about 100 bytes.</summary>
    public const int MaxTotalConnections = 1_000_000;

    /// <summary>The maximum duration of a run, if every connection took its full timeout.</summary>
    public static readonly TimeSpan MaxRun = TimeSpan.FromHours(1);

    /// <summary>The maximum of <see cref="Timeout"/> and of <see cref="Hold"/>.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    /// <summary>The maximum time until <see cref="StartAt"/>.</summary>
    public static readonly TimeSpan MaxStartDelay = TimeSpan.FromHours(24);

    /// <summary>Gets the target.</summary>
    public required BurstTarget Target { get; init; }

    /// <summary>
    /// Gets the number of connections in each round, 1 to <see cref="MaxConnections"/>. Default 1,000. Steps and trains have their own number.
    /// </summary>
    public int Connections { get; init; } = 1000;

    /// <summary>Gets when the connections are opened. Default: all in the same instant.</summary>
    public BurstSchedule Schedule { get; init; } = BurstSchedule.AtOnce;

    /// <summary>Gets the instant at which the first connection should open; null for now.</summary>
    public DateTimeOffset? StartAt { get; init; }

    /// <summary>Gets how many rounds are run, one after the other, 1 to <see cref="MaxRounds"/>.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>
    /// Gets how long each connection may take from its opening to the end of its response, above 0 and at most <see cref="MaxTimeout"/>. Default 10 s.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets how long each connection stays open after its response (or its handshake, with <see cref="ConnectOnly"/>); at most <see cref="MaxTimeout"/>.
    /// </summary>
    public TimeSpan Hold { get; init; }

    /// <summary>Gets the time between two pings of a WebSocket that is held open. Default 1 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets whether to send no request: a connection is done when its handshake, including that of TLS, has ended.</summary>
    public bool ConnectOnly { get; init; }

    /// <summary>Gets the request of each connection.</summary>
    public BurstRequest Request { get; init; } = new();

    /// <summary>Gets the TLS options.</summary>
    public BurstTls Tls { get; init; } = new();

    /// <summary>Gets whether to use HTTP/2: chosen by ALPN with TLS, by prior knowledge without (RFC 9113, section 3.3).</summary>
    public bool Http2 { get; init; }

    /// <summary>Gets the addresses to connect from, in rotation; empty to let the system choose. See <see cref="SourceAddresses"/>.</summary>
    public SourceAddresses Sources { get; init; } = SourceAddresses.Default;

    /// <summary>
    /// Gets the number of threads that share the connections, from 1 to the number of cores. Default: the number of cores, at most
    /// <see cref="DefaultMaxThreads"/>.
    /// </summary>
    public int Threads { get; init; } = Math.Min(DefaultMaxThreads, Environment.ProcessorCount);

    /// <summary>Validates the plan.</summary>
    /// <exception cref="BurstException">A number is out of range; the message names it and the range.</exception>
    public void Validate()
    {
        Check(Connections >= 1 && (Schedule.TrainBursts is not null || Connections <= MaxConnections),
            "the number of connections must be from 1 to 100000");
        Check(Schedule.Connections is null || Schedule.Connections == Connections,
            "steps and trains set their own number of connections; leave --connections out");
        Check(Rounds is >= 1 and <= MaxRounds, "the number of rounds must be from 1 to 100");
        Check((long)Connections * Rounds <= MaxTotalConnections, "all rounds together may open at most 1000000 connections");
        Check(Timeout > TimeSpan.Zero && Timeout <= MaxTimeout, "the timeout must be above zero and at most 10 minutes, e.g. 10s");
        Check(Hold >= TimeSpan.Zero && Hold <= MaxTimeout, "connections can be held for at most 10 minutes, e.g. 5s");
        Check(PingInterval >= TimeSpan.FromMilliseconds(10) && PingInterval <= MaxTimeout, "the time between pings must be from 10 ms to 10 minutes, e.g. 1s");
        Check(Threads >= 1 && Threads <= Environment.ProcessorCount,
            $"the number of threads must be from 1 to {Environment.ProcessorCount}, the cores of this machine");

        var opening = TimeSpan.FromMicroseconds(Schedule.MeantUs(Connections, Connections));
        Check(opening <= BurstSchedule.MaxRound, string.Create(CultureInfo.InvariantCulture,
            $"at this rate a round would take {opening.TotalMinutes:F0} minutes to open; at most 10 are allowed. Raise the rate or open "
                + $"fewer connections"));
        Check((opening + Timeout + Hold) * Rounds <= MaxRun,
            "the run could take more than an hour; use fewer rounds, a shorter timeout or a shorter hold");
        CheckProtocol();
        Request.Validate();
        Sources.CheckAgainst(Target);
    }

    private void CheckProtocol()
    {
        Check(!Target.IsWebSocket || !Http2, "a WebSocket is opened over HTTP/1.1; leave --http2 out");
        Check(!Target.IsWebSocket || Request.Method == "GET" && Request.Body.IsEmpty && Request.Expected == StatusRanges.BelowFourHundred,
            "a WebSocket is opened by GET without a body, and expects status 101; leave --method, --body and --expect out");
        Check(!Tls.Resume || Target.IsTls, "only TLS sessions can be resumed; write an https:// or wss:// URL");
        Check(!Tls.Resume || !IPAddress.TryParse(Target.HostName, out _),
            "sessions are resumed by the host's name; write the URL with a name, e.g. https://localhost/");
        Check(!Http2 || Tls.ApplicationProtocols is not { } offered || offered.Contains("h2"), "HTTP/2 needs h2 among the protocols of --alpn");
    }

    private static void Check(bool holds, string message)
    {
        if (!holds) throw new BurstException(BurstFailure.BadPlan, message);
    }
}
