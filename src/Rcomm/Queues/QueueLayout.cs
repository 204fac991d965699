using System.Text;
using Rcomm.Requests;
using Spectre.Console;

namespace Rcomm.Queues;

/// <summary>
/// Lays rows of names and numbers out for a width: no cell is broken, and one that doesn't fit its column stands on a line of its own above
/// the rest.
/// </summary>
/// <param name="names">The headings of the names, on the left.</param>
/// <param name="numbers">The headings of the numbers, on the right.</param>
internal sealed class QueueLayout(string[] names, string[] numbers)
{
    private const int Gap = 2;
    // Below this an address has no column: each stands on a line of its own.
    private const int MinAddressWidth = 17;
    private const int MaxNameWidth = 27;

    private readonly List<(string[] Names, string[] Numbers)> _rows = [];

    /// <param name="rowNumbers">In Spectre's markup.</param>
    public void Add(string[] rowNames, string[] rowNumbers) => _rows.Add(([.. rowNames.Select(name => Printable.Of(name))], rowNumbers));

    /// <summary>The heading and the rows, in Spectre's markup, without trailing blanks.</summary>
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

    // The address gets what the others leave, as far as it needs it; 0 where that is too little.
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
