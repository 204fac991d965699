using System.Runtime.CompilerServices;

namespace Rcomm.TestSupport.EveryProject;

/// <summary>What holds for every process that runs tests, and for those that it starts.</summary>
internal static class TestProcess
{
#pragma warning disable CA2255 // A test assembly has no other place before its first test.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin()
    {
        // Servers in this process log to standard error; among the results of a test run their lines only hide what failed.
        Console.SetError(TextWriter.Null);
        // A child process that is killed would leave its debugger's pipes in the temporary folder.
        Environment.SetEnvironmentVariable("DOTNET_EnableDiagnostics", "0");
    }
}
