using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Rcomm.Http;

/// <summary>Names and bcrypt hashes in the format of <c>htpasswd -B</c>.</summary>
internal sealed class PasswordFile
{
    // The range of htpasswd -C; bcrypt itself allows 31, which takes a day for each password.
    private const int MinCost = 4, MaxCost = 17;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private readonly Dictionary<string, string> _hashes;
    // An unknown name is checked against one of these, so that the time doesn't reveal which names exist.
    private readonly string[] _some;
    // bcrypt takes tens of milliseconds by design, and browsers send the same password with each request.
    private readonly ConcurrentDictionary<string, byte[]> _verified = new();

    private PasswordFile(Dictionary<string, string> hashes) => (_hashes, _some) = (hashes, [.. hashes.Values]);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file can't be read, or a line isn't a valid bcrypt entry.</exception>
    public static PasswordFile Read(string path)
    {
        try
        {
            return Parse(File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Parses the lines of a file.</summary>
    /// <exception cref="FormatException">There are no lines, or one isn't a valid bcrypt entry.</exception>
    public static PasswordFile Parse(IReadOnlyList<string> lines)
    {
        Dictionary<string, string> hashes = [];
        for (int i = 0; i < lines.Count; i++)
        {
            string line = lines[i].Trim();
            if (line == "" || line[0] == '#') continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || !IsHash(line[(colon + 1)..]))
                throw new FormatException($"line {i + 1} isn't NAME:HASH with a bcrypt hash (cost {MinCost} to {MaxCost}); create " +
                    "one with htpasswd -B");
            hashes[line[..colon]] = line[(colon + 1)..];
        }
        return hashes.Count > 0 ? new PasswordFile(hashes) : throw new FormatException(
            "it has no line NAME:HASH, so no user could log in; create one with htpasswd -B");
    }

    /// <summary>Returns true if the name has this password. May take tens of milliseconds.</summary>
    public bool Verify(string name, string password)
    {
        // Neither passwords nor anything that reveals them quickly stays in memory.
        byte[] digest = HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(password));
        if (_verified.TryGetValue(name, out byte[]? verified) && CryptographicOperations.FixedTimeEquals(verified, digest)) return true;

        bool isKnown = _hashes.TryGetValue(name, out string? hash);
        bool holds = BCrypt.Net.BCrypt.Verify(password, hash ?? _some[(uint)name.GetHashCode(StringComparison.Ordinal) % _some.Length]) && isKnown;
        if (holds) _verified[name] = digest;
        return holds;
    }

    // $2y$, two digits of cost, $, then 53 characters of bcrypt's own base 64: 22 of salt and 31 of hash.
    private static bool IsHash(string text) =>
        text is ['$', '2', 'a' or 'b' or 'y', '$', >= '0' and <= '9', >= '0' and <= '9', '$', .. { Length: 53 } rest]
        && int.Parse(text.AsSpan(4, 2), CultureInfo.InvariantCulture) is >= MinCost and <= MaxCost
        && rest.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/');
}
