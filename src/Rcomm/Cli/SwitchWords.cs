using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>A switch may stand alone, as in <c>rcomm --spa ./dist</c>: a word behind it that is neither on nor off belongs to the command.</summary>
internal static class SwitchWords
{
    private static readonly HashSet<string> Flags =
        [.. SettingCatalog.All.Where(setting => setting.Kind is { IsSwitch: true, Path: PathKind.None }).Select(setting => setting.Flag)];

    /// <summary>The command line with "on" written out where a switch stands alone.</summary>
    public static IReadOnlyList<string> Complete(IReadOnlyList<string> args)
    {
        List<string> words = [];
        for (int i = 0; i < args.Count; i++)
        {
            if (args[i] == "--") return [.. words, .. args.Skip(i)];
            bool standsAlone = Flags.Contains(args[i]) && (i + 1 == args.Count || !IsSwitchValue(args[i + 1]));
            words.Add(standsAlone ? args[i] + "=on" : args[i]);
        }
        return words;
    }

    private static bool IsSwitchValue(string word) => SettingParsers.TrySwitch(word) is not null;
}
