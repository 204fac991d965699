using System.Runtime.CompilerServices;

namespace Rcomm.Tests.Server;

/// <summary>The servers in this process log to standard error as the program does; among the results of a test run their lines only hide what failed.</summary>
internal static class QuietConsole
{
#pragma warning disable CA2255 // A test assembly has no other place before its first server.
    [ModuleInitializer]
    internal static void Begin() => Console.SetError(TextWriter.Null);
#pragma warning restore CA2255
}
