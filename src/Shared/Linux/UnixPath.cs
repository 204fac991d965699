namespace Rcomm.Shared.Linux;

/// <summary>Unix sockets as operators write them (unix(7)): <c>unix:/run/x.sock</c>, or <c>unix:@name</c> in the abstract namespace.</summary>
internal static class UnixPath
{
    /// <summary>The longest path in bytes: <c>sun_path</c> holds 108 with its closing NUL.</summary>
    public const int MaxLength = 107;

    private const string Prefix = "unix:";

    /// <summary>Returns what follows the prefix; null if the text doesn't begin with it.</summary>
    public static string? In(string text) => text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..] : null;

    /// <summary>Returns a path with its prefix.</summary>
    public static string ToAddress(string? path) => Prefix + path;
}
