using System.Text;

namespace Rcomm.Cli.Help;

/// <summary>Formats text for 80 columns, or fewer on a narrow terminal.</summary>
internal static class TextColumns
{
    private const int MaxWidth = 80;
    private const int MinWidth = 40;

    private const int Indent = 2;
    private const int MaxTerm = 24;

    /// <summary>The number of columns in a line.</summary>
    public static int Width => Console.IsOutputRedirected ? MaxWidth : Math.Clamp(Console.WindowWidth, MinWidth, MaxWidth);

    /// <summary>Formats terms on the left and their meanings on the right; a term that is too long gets its own line.</summary>
    public static string Table(IReadOnlyCollection<(string Term, string Meaning)> rows)
    {
        if (rows.Count == 0) return "";
        int term = Math.Min(MaxTerm, rows.Max(row => row.Term.Length)), left = Indent + term + 2;
        var text = new StringBuilder();
        foreach ((string name, string meaning) in rows)
        {
            List<string> lines = Wrap(meaning, Width - left);
            bool fits = name.Length <= term && lines.Count > 0;
            text.Append(' ', Indent).Append(fits ? name.PadRight(term) + "  " + lines[0] : name).Append('\n');
            foreach (string line in fits ? lines.Skip(1) : lines) text.Append(' ', left).Append(line).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Wraps sentences at <see cref="Width"/> columns.</summary>
    public static string Paragraph(string text) => string.Concat(Wrap(text, Width).Select(line => line + "\n"));

    /// <summary>Wraps text at a number of columns. Lines break only at spaces, so an address or a list of choices stays in one piece.</summary>
    public static List<string> Wrap(string text, int width)
    {
        List<string> lines = [];
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line.ToString());
                line.Clear();
            }
            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }
        if (line.Length > 0) lines.Add(line.ToString());
        return lines;
    }
}
