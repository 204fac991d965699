using System.Text;
using Rcomm.Requests;
using Spectre.Console;

namespace Rcomm.Queues;

/// <summary>
/// Lays out rows of names and numbers for a width. No cell is wrapped; one that is too wide for its column gets its own line above the row.
/// </summary>
/// <param name="names">The headings of the names, on the left.</param>
/// <param name="numbers">The headings of the numbers, on the right.</param>
internal sealed class QueueLayout(string[] names, string[] numbers)
{
    private const int Gap = 2;
    // Below this width addresses have no column, and each gets its own line.
    private const int MinAddressWidth = 17;
    private const int MaxNameWidth = 27;

    private readonly List<(string[] Names, string[] Numbers)> _rows = [];

    /// <param name="rowNumbers">In Spectre's markup.</param>
    public void Add(string[] rowNames, string[] rowNumbers) => _rows.Add(([.. rowNames.Select(name => Printable.Of(name))], rowNumbers));

    /// <summary>Returns the heading and the rows, in Spectre's markup, without trailing spaces.</summary>
    public IEnumerable<string> Lines(int width)
    {
        int[] right = [.. numbers.Select((heading, i) => _rows.Select(row => Markup.Remove(row.Numbers[i]).Length).Append(heading.Length).Max())];
        int[] left = NameWidths(width - right.Sum(column => column + Gap));
        foreach (string line in Row(names, [.. numbers], left, right)) yield return $"[bold]{line}[/]";
        int used = left.Sum() + (Gap * left.Count(column => column > 0)) + right.Sum(column => column + Gap) - Gap;
        yield return $"[grey]{new string('─', Math.Min(width, used))}[/]";
        foreach ((string[] rowNames, string[] rowNumbers) in _rows)
            foreach (string line in Row(rowNames, rowNumbers, left, right)) yield return line;
    }

    // The address gets the remaining width, up to what it needs; 0 if that is too little.
    private int[] NameWidths(int available)
    {
        int[] longest = [.. names.Select((heading, i) => _rows.Select(row => row.Names[i].Length).Append(heading.Length).Max())];
        int[] widths = [.. longest.Select(length => Math.Min(length, MaxNameWidth))];
        int forAddress = available - widths[1..].Sum(width => width + Gap);
        widths[0] = forAddress >= MinAddressWidth ? Math.Min(longest[0], forAddress) : 0;
        return widths;
    }

    private static IEnumerable<string> Row(string[] names, string[] numbers, int[] left, int[] right)
    {
        var line = new StringBuilder();
        int column = 0;
        for (int i = 0; i < names.Length; i++)
        {
            bool fits = names[i].Length <= left[i];
            line.Append(Markup.Escape(names[i]));
            column += left[i] == 0 ? Gap : left[i] + Gap;
            if (fits)
            {
                line.Append(' ', column - Markup.Remove(line.ToString()).Length);
                continue;
            }
            yield return line.ToString();
            line.Clear().Append(' ', column);
        }
        for (int i = 0; i < numbers.Length; i++)
            line.Append(' ', right[i] - Markup.Remove(numbers[i]).Length + (i == 0 ? 0 : Gap)).Append(numbers[i]);
        yield return line.ToString().TrimEnd();
    }
}
