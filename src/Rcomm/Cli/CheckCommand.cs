using System.CommandLine;
using Rcomm.Connections.Tls;
using Rcomm.Settings;

namespace Rcomm.Cli;

/// <summary><c>rcomm check</c>: reads everything that <c>serve</c> would, opens nothing, and says what holds and where it comes from.</summary>
internal static class CheckCommand
{
    private static readonly Option<bool> Schema = new("--schema") { Description = "print the JSON Schema of the configuration file instead" };

    // For docs/generate.
    private static readonly Option<string?> Markdown = new("--markdown") { Hidden = true };

    public static Command Create()
    {
        var command = new Command("check", "Check the configuration as a start would, without starting");
        CommandLineSettings.AddTo(command);
        command.Options.Add(Schema);
        command.Options.Add(Markdown);
        command.SetAction(parsed =>
            parsed.GetValue(Schema) ? Print(ConfigurationSchema.Text())
            : parsed.GetValue(Markdown) is { } which ? Print(which == "common" ? SettingsTable.Common() : SettingsTable.All())
            : Check(parsed));
        return command;
    }

    private static int Print(string text)
    {
        Console.WriteLine(text.TrimEnd());
        return ExitCodes.Fine;
    }

    private static int Check(ParseResult parsed)
    {
        try
        {
            SettingSources sources = CommandLineSettings.Read(parsed);
            ServeSettings settings = ServeSettings.From(sources);
            sources.WarnOfUnknownVariables();
            if (settings.Tls is not null) CertificateStore.Load(settings.Tls).Dispose();

            foreach (string warning in sources.Warnings) Console.Error.WriteLine($"warning: {warning}");
            Print(sources);
            return ExitCodes.Fine;
        }
        catch (ConfigurationException e)
        {
            Console.Error.WriteLine($"rcomm: {e.Message}");
            return ExitCodes.WrongConfiguration;
        }
    }

    private static void Print(SettingSources sources)
    {
        int names = SettingCatalog.All.Max(setting => setting.Name.Length), values = 0;
        List<(string Name, string Value, string Where)> rows = [];
        foreach (Setting setting in SettingCatalog.All)
        {
            SettingValue written = sources.IsWritten(setting) ? sources.Find(setting) : new(setting.Default, null);
            rows.Add((setting.Name, setting.Shown(written.Text), written.Where ?? "default"));
            values = Math.Max(values, Math.Min(rows[^1].Value.Length, 40));
        }
        foreach ((string name, string value, string where) in rows) Console.WriteLine($"{name.PadRight(names)}  {value.PadRight(values)}  {where}");
        Console.WriteLine("All of it is fine.");
    }
}
