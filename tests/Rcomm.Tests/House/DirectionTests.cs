using System.Reflection;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Rcomm.Tests.House;

/// <summary>The dependency rules of docs/architecture.md. A violation names the type and the type that it must not use.</summary>
public sealed class DirectionTests
{
    // Each assembly may use those before it.
    private static readonly string[] Projects = ["Rcomm.Listening", "Rcomm.Transport", "Rcomm.Kestrel"];

    // Cli uses Server, Server uses the features, the features use what is below them and the records of Settings, which know the features' options.
    private static readonly string[] Features = ["Admin", "BurstReports", "Connections", "Control", "Doctor", "Http", "Proxy", "Queues", "Site", "Watch"];

    // What several features share: requests (names, paths, counts), what a server says of itself, other programs' queues. None of them knows another.
    private static readonly string[] Shared = ["Requests", "Status", "HostQueues"];

    private static readonly Architecture Program = new ArchLoader().LoadAssemblies(typeof(Rcomm.Cli.ExitCodes).Assembly).Build();

    public static TheoryData<string, string> Forbidden()
    {
        var pairs = new TheoryData<string, string>();
        foreach (string from in Features)
            foreach (string to in Features.Where(to => to != from).Append("Server").Append("Cli")) pairs.Add(from, to);
        foreach (string from in Shared)
            foreach (string to in Shared.Where(to => to != from).Concat(Features).Append("Server").Append("Cli"))
                if ((from, to) != ("Status", "Requests")) pairs.Add(from, to);
        pairs.Add("Server", "Cli");
        pairs.Add("Settings", "Server");
        pairs.Add("Settings", "Cli");
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void A_part_of_the_program_uses_only_what_is_below_it(string from, string to)
    {
        var rule = Types().That().ResideInNamespaceMatching($@"^Rcomm\.{from}(\.|$)")
            .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^Rcomm\.{to}(\.|$)")).WithoutRequiringPositiveResults();

        string[] violations = [.. rule.Evaluate(Program).Where(result => !result.Passed).Select(result => result.Description)];
        Assert.True(violations.Length == 0, $"{from} must not use {to}:\n{string.Join('\n', violations)}");
    }

    [Fact]
    public void A_project_references_only_those_before_it()
    {
        foreach (string project in Projects.Append("Rcomm.Burst"))
        {
            string file = File.ReadAllText(Path.Combine(Repository.Root, $"src/{project}/{project}.csproj"));
            IEnumerable<string> later = project == "Rcomm.Burst"
                ? [.. Projects, "Rcomm"]
                : [.. Projects.SkipWhile(one => one != project), "Rcomm.Burst", "Rcomm"];
            foreach (string one in later) Assert.False(file.Contains($"/{one}.csproj", StringComparison.Ordinal), $"{project} must not reference {one}.");
        }
    }

    [Fact]
    public void Each_folder_of_the_program_has_its_place_in_the_rules()
    {
        string[] known = [.. Features, .. Shared, "Server", "Cli", "Settings", "bin", "obj"];
        foreach (string folder in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src/Rcomm")).Select(path => Path.GetFileName(path)))
            Assert.True(known.Contains(folder), $"src/Rcomm/{folder} is not in the rules of {nameof(DirectionTests)}; say what it may use.");
    }

    [Theory]
    [InlineData("Rcomm.Listening", "Microsoft.AspNetCore")]
    [InlineData("Rcomm.Burst", "Microsoft.AspNetCore")]
    [InlineData("Rcomm.Transport", "Microsoft.AspNetCore.Server.Kestrel")]
    public void A_library_does_not_know_the_frameworks_above_it(string library, string framework)
    {
        System.Reflection.Assembly assembly = ParameterTests.Assemblies.Single(one => one.GetName().Name == library);
        foreach (AssemblyName referenced in assembly.GetReferencedAssemblies())
            Assert.False(referenced.Name!.StartsWith(framework, StringComparison.Ordinal), $"{library} must not use {referenced.Name}.");
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        string src = Path.Combine(Repository.Root, "src");
        foreach (string file in Directory.EnumerateFiles(src, "*.cs", SearchOption.AllDirectories).Where(IsSource))
        {
            string folder = Path.GetRelativePath(src, Path.GetDirectoryName(file)!).Replace('/', '.');
            string expected = folder.StartsWith("Shared", StringComparison.Ordinal) ? "Rcomm." + folder : folder;
            string? declared = File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));
            if (declared is not null) Assert.True(declared == $"namespace {expected};", $"{file} declares {declared.TrimEnd(';')}, its folder is {expected}.");
        }
    }

    private static bool IsSource(string path) => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal);
}
