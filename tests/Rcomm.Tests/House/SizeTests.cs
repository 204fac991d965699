namespace Rcomm.Tests.House;

/// <summary>Files and lines have a maximum size.</summary>
public sealed class SizeTests
{
    private const int MaxLines = 250;
    private const int MaxColumns = 160;

    public static TheoryData<string> Folders => ["src", "tests", "bench", "samples"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_file_has_at_most_250_lines(string folder)
    {
        string[] tooLong = [.. Sources(folder).Select(file => (file, Count: File.ReadLines(file).Count()))
            .Where(one => one.Count > MaxLines)
            .Select(one => $"{one.file} has {one.Count} lines; split it by idea.")];

        Assert.True(tooLong.Length == 0, string.Join('\n', tooLong));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_line_has_at_most_160_characters(string folder)
    {
        string[] tooWide = [.. Sources(folder).SelectMany(file => File.ReadLines(file).Select((line, i) => (line, Place: $"{file}, line {i + 1}")))
            .Where(one => one.line.Length > MaxColumns).Select(one => $"{one.Place} has {one.line.Length} characters; wrap it.")];

        Assert.True(tooWide.Length == 0, string.Join('\n', tooWide));
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));
}
