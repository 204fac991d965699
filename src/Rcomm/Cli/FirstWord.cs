using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>Interprets the first word of a command line: a command, or the folder to serve if no command is named.</summary>
internal static class FirstWord
{
    private static readonly string[] OfTheProgram = ["--help", "-h", "-?", "/?", "/h", "--help-all", "--version", "-V"];

    /// <summary>Returns the command line with its command first.</summary>
    /// <exception cref="ConfigurationException">The first word is neither a command nor a folder.</exception>
    public static IReadOnlyList<string> Resolve(IReadOnlyList<string> args, IReadOnlyList<string> commands) => args switch
    {
        ["version", ..] => ["--version"],
        ["help"] => ["--help"],
        ["help", var command, ..] => commands.Contains(command) ? [command, "--help"] : throw Unknown(command, commands),
        [var first, ..] when commands.Contains(first) || OfTheProgram.Contains(first) => args,
        [['-', ..], ..] => FlagsFirst(args, commands),
        [var first, ..] when !IsFolder(first, commands) => throw Unknown(first, commands),
        _ => [ServeCommand.Name, .. args],
    };

    // In "rcomm --port 80 queues" the user means the command, not a folder of that name.
    private static IReadOnlyList<string> FlagsFirst(IReadOnlyList<string> args, IReadOnlyList<string> commands)
    {
        string? command = args.TakeWhile(word => word != "--").FirstOrDefault(commands.Contains);
        return command is null || Path.Exists(command)
            ? [ServeCommand.Name, .. args]
            : throw new ConfigurationException($"Write the command first: rcomm {command} {string.Join(' ', args.Where(word => word != command))}");
    }

    // A word with path characters is a folder. A plain word is one only if it exists and isn't close to a command's name.
    private static bool IsFolder(string word, IReadOnlyList<string> commands) =>
        word.AsSpan().ContainsAny('/', '.', '~') || (Path.Exists(word) && Spelling.Nearest(word, commands, maxDistance: 1) is null);

    private static ConfigurationException Unknown(string word, IReadOnlyList<string> commands)
    {
        if (ushort.TryParse(word, out _)) return new($"{word} is neither a command nor a folder. Did you mean the port? Write rcomm -p {word}.");
        string folder = Path.Exists(word) ? $" To serve the folder, write ./{word} or rcomm serve {word}." : "";
        string near = Spelling.Nearest(word, commands, Math.Min(2, word.Length / 2)) is { } command ? $" Did you mean \"{command}\"?" : "";
        string hint = near + folder == "" ? " `rcomm --help` lists the commands; `rcomm ./FOLDER` serves a folder." : near + folder;
        return new($"Unknown command \"{word}\".{hint}");
    }
}
