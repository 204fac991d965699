namespace Rcomm.Tests.House;

/// <summary>docs/architecture.md is the map of src: it leads to every folder.</summary>
public sealed class MapTests
{
    private static readonly string Map = File.ReadAllText(Path.Combine(Repository.Root, "docs/architecture.md"));

    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
        .SelectMany(Directory.EnumerateDirectories)
        .Select(folder => Path.GetRelativePath(Repository.Root, folder))
        .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))];

    // Either in full, or by its name beside its project's.
    [Theory]
    [MemberData(nameof(Folders))]
    public void Each_folder_is_on_the_map(string folder)
    {
        string project = Path.GetDirectoryName(folder)!, name = Path.GetFileName(folder);
        bool isNamed = Map.Contains(folder, StringComparison.Ordinal)
            || Map.Split('\n').Any(line => line.Contains($"`{project}`", StringComparison.Ordinal) && line.Contains($"`{name}`", StringComparison.Ordinal));

        Assert.True(isNamed, $"docs/architecture.md doesn't name {folder}.");
    }
}
