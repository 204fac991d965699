using System.Reflection;

namespace Rcomm;

/// <summary>The version of this program, e.g. <c>1.2.0+5f3c1b7</c>.</summary>
internal static class ProgramVersion
{
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
