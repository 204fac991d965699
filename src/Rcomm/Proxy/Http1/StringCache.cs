using System.Text;

namespace Rcomm.Proxy.Http1;

/// <summary>Caches strings that occur in many responses, e.g. field names. Each slot holds one string, until another replaces it.</summary>
internal sealed class StringCache
{
    private const int Slots = 1024;
    private const int MaxLength = 64;

    private readonly string?[] _slots = new string?[Slots];

    /// <summary>Returns the string of Latin-1 bytes.</summary>
    public string Get(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > MaxLength) return Encoding.Latin1.GetString(bytes);

        uint hash = (uint)bytes.Length;
        foreach (byte one in bytes) hash = (hash * 31) + one;
        ref string? slot = ref _slots[hash % Slots];
        // Ascii.Equals is false for anything that isn't ASCII, which is then created each time.
        if (slot is { } known && Ascii.Equals(bytes, known)) return known;
        return slot = Encoding.Latin1.GetString(bytes);
    }
}
