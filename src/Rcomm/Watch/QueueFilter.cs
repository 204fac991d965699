using System.Globalization;
using Rcomm.Listening.HostQueues;

namespace Rcomm.Watch;

/// <summary>Selects the queues to watch: by TCP port, by the name of the process, or by the user that opened the socket.</summary>
/// <param name="Only">Includes queues that match one of these; empty for all.</param>
/// <param name="Except">Excludes queues that match one of these.</param>
internal sealed record QueueFilter(IReadOnlyList<QueueFilter.Rule> Only, IReadOnlyList<QueueFilter.Rule> Except)
{
    private const string UserPrefix = "user:";

    public bool Includes(HostQueue queue) =>
        (Only.Count == 0 || Only.Any(rule => rule.Matches(queue))) && !Except.Any(rule => rule.Matches(queue));

    /// <summary>One condition: the property that isn't null.</summary>
    public sealed record Rule(ushort? Port = null, string? Process = null, uint? User = null)
    {
        public bool Matches(HostQueue queue) =>
            Port is { } port ? !queue.Address.IsUnix && queue.Address.Port == port
            : User is { } user ? queue.Uid == user
            : queue.Owners.Any(owner => owner.Name.Equals(Process, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Parses <c>80</c>, <c>nginx</c> or <c>user:www-data</c>, or several separated by commas.</summary>
    /// <exception cref="FormatException">One of them isn't valid.</exception>
    public static IEnumerable<Rule> Parse(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseOne);

    private static Rule ParseOne(string text)
    {
        if (text.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase)) return new Rule(User: UserId(text[UserPrefix.Length..]));
        if (!char.IsAsciiDigit(text[0])) return new Rule(Process: text);
        return ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? new Rule(Port: port)
            : throw new FormatException($"{text} isn't a valid port; write a port from 1 to 65535, a process name, or user:NAME");
    }

    // passwd(5): the third field of a user's line.
    private static uint UserId(string name)
    {
        if (uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint id)) return id;
        foreach (string line in File.Exists("/etc/passwd") ? File.ReadLines("/etc/passwd") : [])
            if (line.Split(':') is [var user, _, var number, ..] && user == name) return uint.Parse(number, CultureInfo.InvariantCulture);
        throw new FormatException($"this machine has no user {name}; write user:NAME or user:ID");
    }
}
