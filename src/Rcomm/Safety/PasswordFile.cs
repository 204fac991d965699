using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Rcomm.Safety;

/// <summary>Names and bcrypt hashes as <c>htpasswd -B</c> writes them.</summary>
internal sealed class PasswordFile
{
    // A hash of one that nobody has, so that an unknown name takes as long as a wrong password.
    private static readonly string Nobody = BCrypt.Net.BCrypt.HashPassword(Guid.NewGuid().ToString(), workFactor: 10);
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    private readonly Dictionary<string, string> _hashes;
    // bcrypt takes tens of milliseconds of a core by design; browsers send the same password with each request.
    private readonly ConcurrentDictionary<string, byte[]> _verified = new();

    private PasswordFile(Dictionary<string, string> hashes) => _hashes = hashes;

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It cannot be read, or a line is none of bcrypt's.</exception>
    public static PasswordFile Read(string path)
    {
        try
        {
            Dictionary<string, string> hashes = [];
            string[] lines = File.ReadAllLines(path);
            for (int i = 0; i < lines.Length; i++)
            {
                string line = lines[i].Trim();
                if (line == "" || line[0] == '#') continue;
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0 || !(line[(colon + 1)..] is ['$', '2', 'a' or 'b' or 'y', '$', ..] hash) || hash.Length != 60)
                    throw new FormatException($"line {i + 1} is no NAME:HASH with a bcrypt hash; make one with htpasswd -B");
                hashes[line[..colon]] = hash;
            }
            return new PasswordFile(hashes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException(e.Message.TrimEnd('.'));
        }
    }

    /// <summary>True where the name has this password. May take tens of milliseconds.</summary>
    public bool Verify(string name, string password)
    {
        // Neither passwords nor anything that could be turned into them quickly stays in memory.
        byte[] digest = HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(password));
        if (_verified.TryGetValue(name, out byte[]? verified) && CryptographicOperations.FixedTimeEquals(verified, digest)) return true;

        bool isKnown = _hashes.TryGetValue(name, out string? hash);
        bool holds = BCrypt.Net.BCrypt.Verify(password, hash ?? Nobody) && isKnown;
        if (holds) _verified[name] = digest;
        return holds;
    }
}
