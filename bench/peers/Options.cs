using System.Globalization;

namespace Rcomm.Peers;

/// <summary>The options of the command line.</summary>
internal sealed record Options(int Rounds, TimeSpan LoadTime, TimeSpan QuietTime, IReadOnlyList<int> Bursts, IReadOnlyList<Peer> Peers,
    IReadOnlySet<string> Skip, string Arguments)
{
    private static readonly string[] Parts = ["start", "rates", "https", "proxy", "large", "bursts", "trains", "memory"];

    /// <exception cref="FormatException">The command line is invalid; the message says why.</exception>
    public static Options Parse(string[] args)
    {
        (bool quick, int? rounds, IReadOnlyList<Peer> peers, Peer[] before, string[] skip) = (false, null, Peer.All, [], []);
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--quick": quick = true; break;
                case "--rounds": rounds = int.TryParse(Value(), CultureInfo.InvariantCulture, out int number) && number > 0
                    ? number
                    : throw new FormatException("--rounds: write a number from 1"); break;
                case "--only": peers = [.. Names(Peer.All.Select(peer => peer.Name)).Select(name => Peer.All.Single(peer => peer.Name == name))]; break;
                case "--before": before = [Peer.Before(Value())]; break;
                case "--skip": skip = Names(Parts); break;
                default: throw new FormatException($"{args[i]} is no flag; there are --quick, --rounds N, " +
                    $"--only {string.Join(',', Peer.All.Select(peer => peer.Name))}, --before FILE and --skip {string.Join(',', Parts)}");
            }

            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]}: its value is missing");

            string[] Names(IEnumerable<string> known)
            {
                string[] names = Value().Split(',');
                return names.Except(known).FirstOrDefault() is { } stranger
                    ? throw new FormatException($"{args[i - 1]} {args[i]}: {stranger} is none of {string.Join(", ", known)}")
                    : names;
            }
        }
        return new(
            rounds ?? (quick ? 1 : 3), TimeSpan.FromSeconds(quick ? 1 : 5), TimeSpan.FromSeconds(quick ? 1 : 60),
            quick ? [200] : [1000, 5000, 15_000], [.. peers, .. before], skip.ToHashSet(), string.Join(' ', args));
    }
}
