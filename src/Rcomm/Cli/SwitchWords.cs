using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary>Lets switches stand alone, as in <c>rcomm --spa ./dist</c>: a following word other than on or off belongs to the command.</summary>
internal static class SwitchWords
{
    private static readonly HashSet<string> Flags =
        [.. SettingCatalog.All.Where(setting => setting.Kind is { IsSwitch: true, Path: PathKind.None }).Select(setting => setting.Flag)];

    /// <summary>Returns the command line with "on" added after each such switch.</summary>
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
