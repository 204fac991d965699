using System.Globalization;
using Microsoft.Extensions.Configuration;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Sizing;

namespace Rcomm.Kestrel;

/// <summary>Reads <see cref="ListenQueueOptions"/> from the section <c>ListenQueue</c> of an application's configuration.</summary>
internal static class ListenQueueConfiguration
{
    public const string Section = "ListenQueue";

    /// <exception cref="InvalidOperationException">
    /// A value isn't valid or an option is unknown; the message names it and says what to write.
    /// </exception>
    public static void Read(IConfigurationSection section, ListenQueueOptions options)
    {
        if (!string.IsNullOrEmpty(section.Value)) throw Wrong(section, $"this is a section; write {Section}:{nameof(ListenQueueOptions.Backlog)}");
        foreach (IConfigurationSection value in section.GetChildren())
        {
            string text = value.Value ?? "";
            switch (value.Key.ToUpperInvariant())
            {
                case "BACKLOG":
                    options.Backlog = Backlog.TryParse(text, out Backlog backlog, out string? error) ? backlog : throw Wrong(value, error);
                    break;
                case "SHARDS":
                    options.Shards = ShardCount.TryParse(text, out ShardCount shards, out error) ? shards : throw Wrong(value, error);
                    break;
                case "MAXCONNECTIONS":
                    options.Limit = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int max) && max > 0
                        ? new ConnectionLimit(max)
                        : throw Wrong(value, "write a whole number from 1");
                    break;
                case "TURNAWAYPASTLIMIT": options.TurnAwayPastLimit = Switch(value); break;
                case "ACCEPTMETHOD":
                    options.AcceptMethod = AcceptMethods.TryParse(text, out AcceptMethod method, out error) ? method : throw Wrong(value, error);
                    break;
                case "ACCEPTWAIT": options.Monitor = options.Monitor with { AcceptWait = Switch(value) }; break;
                case "STALLTIME": options.Monitor = options.Monitor with { StallTime = Time(value) }; break;
                case "FULLTIME": options.Monitor = options.Monitor with { FullTime = Time(value) }; break;
                case "IDLEGRACE": options.IdleGrace = Time(value); break;
                case "SYSTEMDSOCKETS": options.SystemdSockets = Switch(value); break;
                case "TAKEOVERSOCKET": options.TakeoverSocket = text == "" ? null : text; break;
                default: throw Wrong(value, "unknown option; there are Backlog, Shards, MaxConnections, TurnAwayPastLimit, " +
                    "AcceptMethod, AcceptWait, StallTime, FullTime, IdleGrace, SystemdSockets and TakeoverSocket");
            }
        }
    }

    private static bool Switch(IConfigurationSection value) => bool.TryParse(value.Value, out bool on) ? on : throw Wrong(value, "write true or false");

    // TimeSpan would parse a plain number as days.
    private static TimeSpan Time(IConfigurationSection value) =>
        value.Value?.Contains(':') == true && TimeSpan.TryParse(value.Value, CultureInfo.InvariantCulture, out TimeSpan time) && time > TimeSpan.Zero
            ? time
            : throw Wrong(value, "write a time, e.g. 00:00:02 for two seconds");

    private static InvalidOperationException Wrong(IConfigurationSection value, string why) => new($"{value.Path}=\"{value.Value}\": {why}.");
}
