using System.Reflection;
using System.Runtime.CompilerServices;

namespace Rcomm.Tests.House;

/// <summary>A name means one thing.</summary>
public sealed class NameTests
{
    private static readonly IEnumerable<Type> Types = ParameterTests.Assemblies.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type is { IsNested: false, Namespace: not null } && type.Namespace.StartsWith("Rcomm", StringComparison.Ordinal)
            && !type.IsDefined(typeof(CompilerGeneratedAttribute)));

    // A nested type is named with the type around it; src/Shared is compiled into each assembly.
    [Fact]
    public void No_two_types_have_the_same_simple_name()
    {
        string[] same = [.. Types.Where(type => !type.Namespace!.StartsWith("Rcomm.Shared", StringComparison.Ordinal))
            .GroupBy(type => type.Name)
            .Where(types => types.Select(type => type.FullName).Distinct().Count() > 1)
            .Select(types => $"{string.Join(" and ", types.Select(type => type.FullName))} have the same name.")];

        Assert.True(same.Length == 0, string.Join('\n', same));
    }

    // Rcomm.Burst is in no package, and the program has no public types.
    [Theory]
    [InlineData("Rcomm.Listening")]
    [InlineData("Rcomm.Transport")]
    [InlineData("Rcomm.Kestrel")]
    [InlineData("rcomm")]
    public void A_public_type_is_in_the_recorded_api_of_its_package(string package)
    {
        string folder = Path.Combine(Repository.Root, "src", package);
        string[] recorded = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "PublicAPI.*.txt").SelectMany(File.ReadLines)] : [];
        string[] missing = [.. ParameterTests.Assemblies.Single(assembly => assembly.GetName().Name == package).GetExportedTypes()
            .Where(type => type.Namespace?.StartsWith("Rcomm", StringComparison.Ordinal) == true)
            .Select(type => type.FullName!.Replace('+', '.').Split('`')[0])
            .Where(type => !recorded.Any(line => line.StartsWith(type, StringComparison.Ordinal)))
            .Select(type => $"{type} is public, and isn't recorded in src/{package}/PublicAPI.*.txt.")];

        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }
}
